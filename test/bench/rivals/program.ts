/* eslint-disable @typescript-eslint/no-require-imports -- a program loads what it declares, and nothing of its rivals */
import * as pulumi from "@pulumi/pulumi";

/** What every contender is declared with. */
export interface Arguments {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly baseUrl: string;
  readonly renewBefore: string;
}

/** Ours in two forms, and their rivals. */
export type Contender = "dynamic" | "packaged" | "plain" | "thin" | "idle" | "idle-packaged" | "bare" | "bare-packaged";

export function argumentsFor(index: number, baseUrl: string): Arguments {
  const clientId = `account-${index % 20}`;
  return { clientId, clientSecret: "a-fake-secret-of-the-bench", baseUrl, renewBefore: "10m" };
}

const outputs = { accessToken: undefined, tokenType: undefined, issuedAt: undefined, expiresAt: undefined };

export function declare(contender: Contender, name: string, args: Arguments): pulumi.CustomResource {
  if (contender === "dynamic") {
    const { ServiceAccountToken } = require("pulumi-atlas-token") as typeof import("pulumi-atlas-token");
    return new ServiceAccountToken(name, args);
  }
  const props: pulumi.Inputs = { ...outputs, ...args, clientSecret: pulumi.secret(args.clientSecret) };
  const additionalSecretOutputs = ["accessToken", "clientSecret", "existingToken"];
  if (contender.endsWith("packaged")) {
    // This is what a generated SDK amounts to.
    const aliases = [{ type: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken" }];
    const type = contender === "packaged" ? "atlas-token:index:ServiceAccountToken" : "idle:index:IdleToken";
    return new (class extends pulumi.CustomResource {})(type, name, props, { additionalSecretOutputs, aliases });
  }
  const { provider } = require(`./${contender}`) as { provider: pulumi.dynamic.ResourceProvider };
  if (contender === "thin") props["name"] = name;
  const Token = class extends pulumi.dynamic.Resource {};
  return new Token(provider, name, props, { additionalSecretOutputs }, "bench", "Token");
}

// The program of a stack declares as many tokens of a contender as the environment asks for.
const { CONTENDER, COUNT, BASE_URL = "" } = process.env;
for (let index = 0; index < Number(COUNT ?? 0); index++)
  declare(CONTENDER as Contender, `token-${index}`, argumentsFor(index, BASE_URL));
