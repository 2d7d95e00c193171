import { ServiceAccountToken } from "pulumi-atlas-token";

const token = new ServiceAccountToken("gov", {
  // In the program rather than in the environment: no machine can send these credentials to the other Atlas.
  baseUrl: "https://cloud.mongodbgov.com",
});

export const accessToken = token.accessToken;
export const usableUntil = token.expiresAt;
