import { ServiceAccountToken } from "pulumi-atlas-token";

// The client ID and the client secret come from the stack's configuration or from the environment:
//   pulumi config set mongodbatlas:clientId mdb_sa_id_…
//   pulumi config set --secret mongodbatlas:clientSecret mdb_sa_sk_…
const token = new ServiceAccountToken("ci", {
  // The first `pulumi up` within ten minutes of expiry replaces the token.
  renewBefore: "10m",
});

// A secret: Pulumi shows it only with --show-secrets.
export const accessToken = token.accessToken;
export const expiresAt = token.expiresAt;
