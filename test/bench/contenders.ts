import type * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

import { IdleToken } from "./rivals/idle";
import { PlainToken } from "./rivals/plain";

export type ContenderName = "ours" | "plain" | "idle";

export interface Arguments {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly baseUrl: string;
  readonly renewBefore: string;
}

export interface Contender {
  readonly name: ContenderName;
  declare(name: string, args: Arguments): pulumi.CustomResource;
}

/** The same declaration for each: the arguments in the program, the secret as a secret. */
export const CONTENDERS: readonly Contender[] = [
  { name: "ours", declare: (name, args) => new ServiceAccountToken(name, args) },
  { name: "plain", declare: (name, args) => new PlainToken(name, args) },
  { name: "idle", declare: (name, args) => new IdleToken(name, { ...args }) },
];
