import { ServiceAccountToken } from "pulumi-atlas-token";

export const { accessToken } = new ServiceAccountToken("ci", { renewBefore: "never" });
