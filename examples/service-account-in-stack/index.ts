import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

const orgId = new pulumi.Config().require("orgId");

const account = new mongodbatlas.ServiceAccount("reporting", {
  orgId,
  name: "reporting",
  description: "Reads what the reports need",
  roles: ["ORG_READ_ONLY"],
  // Of the secret that Atlas makes along with the account, and that nobody uses: the shortest life.
  secretExpiresAfterHours: 8,
});

// Not `account.secrets`: Atlas shows a secret once, and a refresh empties it there.
const secret = new mongodbatlas.ServiceAccountSecret(
  "reporting",
  { orgId, clientId: account.clientId, secretExpiresAfterHours: 90 * 24 },
  // An account has two secrets at most, and the first is the one that came with it.
  { deleteBeforeReplace: true },
);

const token = new ServiceAccountToken("reporting", {
  clientId: account.clientId,
  clientSecret: secret.secret,
});

export const clientId = account.clientId;
export const accessToken = token.accessToken;
