import type * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

import { BareToken } from "./rivals/bare";
import { IdleToken } from "./rivals/idle";
import { PlainToken } from "./rivals/plain";

export interface Arguments {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly baseUrl: string;
  readonly renewBefore: string;
}

type Declare = (name: string, args: Arguments) => pulumi.CustomResource;

/** The same declaration for each: the arguments in the program, the secret as a secret. */
export const CONTENDERS = {
  ours: (name, args) => new ServiceAccountToken(name, args),
  plain: (name, args) => new PlainToken(name, args),
  idle: (name, args) => new IdleToken(name, { ...args }),
  bare: (name, args) => new BareToken(name, { ...args }, "kept"),
  fresh: (name, args) => new BareToken(name, { ...args }, "fresh"),
} satisfies Record<string, Declare>;

export type Contender = keyof typeof CONTENDERS;
