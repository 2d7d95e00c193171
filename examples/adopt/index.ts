import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

const token = new ServiceAccountToken("pipeline", {
  existingToken: new pulumi.Config().requireSecret("pipelineToken"),
});

export const accessToken = token.accessToken;
// Read from the token itself; undefined where it does not tell.
export const usableUntil = token.expiresAt;
