import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

const token = new ServiceAccountToken("pipeline", {
  existingToken: new pulumi.Config().requireSecret("pipelineToken"),
});

export const accessToken = token.accessToken;
// From the `exp` claim of the token; undefined if there is none.
export const usableUntil = token.expiresAt;
