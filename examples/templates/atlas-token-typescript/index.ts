import { ServiceAccountToken } from "pulumi-atlas-token";

const token = new ServiceAccountToken("ci", {
  // The first `pulumi up` within ten minutes of expiry replaces the token.
  renewBefore: "10m",
});

// Always a secret: `pulumi stack output accessToken --show-secrets` shows it.
export const accessToken = token.accessToken;
export const expiresAt = token.expiresAt;
