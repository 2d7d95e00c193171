import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

const orgId = new pulumi.Config().require("orgId");

const account = new mongodbatlas.ServiceAccount("reporting", {
  orgId,
  name: "reporting",
  description: "Reads what the reports need",
  roles: ["ORG_READ_ONLY"],
  // Atlas creates this secret with the account. Nothing uses it, so it has the shortest possible lifetime.
  secretExpiresAfterHours: 8,
});

// Not `account.secrets`, since Atlas returns a secret only once, and a refresh empties it there.
const secret = new mongodbatlas.ServiceAccountSecret(
  "reporting",
  { orgId, clientId: account.clientId, secretExpiresAfterHours: 90 * 24 },
  // An account has at most two secrets, and one was created with it.
  { deleteBeforeReplace: true },
);

const token = new ServiceAccountToken("reporting", {
  clientId: account.clientId,
  clientSecret: secret.secret,
});

export const clientId = account.clientId;
export const accessToken = token.accessToken;
