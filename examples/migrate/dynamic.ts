// Before the migration: the token is a dynamic resource.
import { ServiceAccountToken } from "pulumi-atlas-token";

export const { accessToken } = new ServiceAccountToken("ci");
