import { ServiceAccountToken } from "pulumi-atlas-token-sdk";
import * as pulumi from "@pulumi/pulumi";

const token = new ServiceAccountToken("ci", {
  // The first `pulumi up` within ten minutes of expiry replaces the token.
  renewBefore: "10m",
  keepers: { release: new pulumi.Config().require("release") },
});

// Whatever depends on the token gets the new one before the old one is revoked.
const header = new pulumi.Stash(
  "header",
  { input: pulumi.interpolate`Bearer ${token.accessToken}` },
  { replaceOnChanges: ["input"] },
);

export const authorization = header.output;
export const { expiresAt } = token;
