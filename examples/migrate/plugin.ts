// Only the import differs. The packaged provider knows the type of the dynamic resource as an alias of its own.
import { ServiceAccountToken } from "pulumi-atlas-token-sdk";

export const { accessToken } = new ServiceAccountToken("ci");
