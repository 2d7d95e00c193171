import { ServiceAccountToken } from "pulumi-atlas-token";

const token = new ServiceAccountToken("gov", {
  // In the program and not in the environment, so that no machine can send these credentials to the other Atlas.
  baseUrl: "https://cloud.mongodbgov.com",
});

export const accessToken = token.accessToken;
export const usableUntil = token.expiresAt;
