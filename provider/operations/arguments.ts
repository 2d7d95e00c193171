import { isDeepStrictEqual } from "node:util";

import { parseDuration } from "../duration";
import { parseAccessToken, parseClientId, parseClientSecret, type Parsed } from "../oauth/input/credentials";
import { parseBaseUrl } from "../oauth/input/base-url";
import { DOCUMENTED_LIFETIME_MS } from "../oauth/input/lifetime";
import type { Properties } from "./record";

/** What the inputs of a preview contain for a value that is not known yet: `unknownValue` in Pulumi's `runtime/rpc.ts`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The `renewBefore` that keeps an expired token. */
export const NEVER = "never";
export const DEFAULT_RENEW_BEFORE = "10m";

interface ArgumentFacts {
  /** As in JSON and in the schema of the packaged provider. */
  readonly type: "string" | "boolean" | "object";
  /** Whether a change requires another token; otherwise it only updates the state. */
  readonly replaces: boolean;
  readonly secret: boolean;
  readonly parse: (value: unknown) => Parsed<unknown>;
}

/** The arguments of the resource, with everything that both forms of the provider know about them. */
export const ARGUMENTS = {
  clientId: { type: "string", replaces: true, secret: false, parse: parseClientId },
  clientSecret: { type: "string", replaces: false, secret: true, parse: parseClientSecret },
  baseUrl: { type: "string", replaces: true, secret: false, parse: parseBaseUrl },
  renewBefore: { type: "string", replaces: false, secret: false, parse: parseRenewBefore },
  keepers: { type: "object", replaces: true, secret: false, parse: parseKeepers },
  verify: { type: "boolean", replaces: false, secret: false, parse: parseBoolean },
  existingToken: { type: "string", replaces: true, secret: true, parse: parseAccessToken },
} as const satisfies Readonly<Record<string, ArgumentFacts>>;

export type ArgumentName = keyof typeof ARGUMENTS;
export const ARGUMENT_NAMES = Object.keys(ARGUMENTS) as readonly ArgumentName[];

/** Those that are secret, whether or not the program says so. */
export const SECRET_ARGUMENTS = ARGUMENT_NAMES.filter((name) => ARGUMENTS[name].secret);
/** All properties that are. */
export const SECRET_PROPERTIES: readonly string[] = ["accessToken", ...SECRET_ARGUMENTS];

export function isArgument(name: string): name is ArgumentName {
  return Object.hasOwn(ARGUMENTS, name);
}

/** The arguments that differ. */
export function changedArguments(olds: Properties, news: Properties): ArgumentName[] {
  return ARGUMENT_NAMES.filter((name) => !isSame(name, olds[name], news[name]));
}

/** What an absent value of each type is the same as. */
const EMPTY = { string: undefined, boolean: false, object: {} };

function isSame(name: ArgumentName, a: unknown, b: unknown): boolean {
  const empty = EMPTY[ARGUMENTS[name].type];
  return isDeepStrictEqual(a ?? empty, b ?? empty);
}

function parseRenewBefore(value: unknown): Parsed<unknown> {
  const duration = typeof value === "string" ? parseDuration(value) : undefined;
  return value === NEVER || (duration !== undefined && duration < DOCUMENTED_LIFETIME_MS)
    ? { value }
    : { problem: 'must be "never" or a duration under 1h, such as 90s or 59m30s' };
}

function parseBoolean(value: unknown): Parsed<unknown> {
  return typeof value === "boolean" ? { value } : { problem: "must be true or false" };
}

function parseKeepers(value: unknown): Parsed<unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { value }
    : { problem: "must be an object" };
}
