import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";
import { TokenFile } from "./token-file";

const config = new pulumi.Config();

const token = new ServiceAccountToken("agent", {
  // With an `up` every 15 minutes, the token in the file always lives for another 15 minutes.
  renewBefore: "30m",
  keepers: { rotation: config.requireNumber("rotation") },
});

const file = new TokenFile("agent", { path: config.require("file"), content: token.accessToken });

export const path = file.path;
export const usableUntil = token.expiresAt;
