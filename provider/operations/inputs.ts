import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { parseDuration } from "../duration";
import { parseAccessToken, parseClientId, parseClientSecret } from "../oauth/access-token";
import { parseBaseUrl } from "../oauth/base-url";
import type { Properties } from "./record";
import { NEVER } from "./renewal";

/** What the inputs of a preview contain for a value that is not known yet: `unknownValue` in Pulumi's `runtime/rpc.ts`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The arguments of the resource and its logical name, which the dynamic form passes with them. */
export const INPUTS = [
  "name",
  "clientId",
  "clientSecret",
  "baseUrl",
  "renewBefore",
  "keepers",
  "existingToken",
] as const;
export type InputName = (typeof INPUTS)[number];

/** How long a token lives according to MongoDB's documentation, in milliseconds. */
const DOCUMENTED_LIFETIME = 3600_000;

/** A schema that transforms a value by one of the client's parsers, whose problems never repeat it: it may be secret. */
function parsedBy<T extends object>(
  parse: (value: string) => T | { readonly problem: string },
  key: keyof T,
): z.ZodType {
  return z.string({ error: "must be a non-empty string" }).transform((value, context) => {
    const parsed = parse(value);
    if (!("problem" in parsed)) return parsed[key];
    context.addIssue({ code: "custom", message: parsed.problem });
    return z.NEVER;
  });
}

const text = z.string({ error: "must be a non-empty string" }).min(1, { error: "must be a non-empty string" });

const renewBefore = text.refine(
  (value) => {
    const duration = parseDuration(value);
    return value === NEVER || (duration !== undefined && duration < DOCUMENTED_LIFETIME);
  },
  { error: 'must be "never" or a duration under 1h, such as 90s or 59m30s' },
);

/** What each input must be. */
export const SCHEMAS: Readonly<Record<InputName, z.ZodType>> = {
  name: text,
  clientId: parsedBy(parseClientId, "clientId"),
  clientSecret: parsedBy(parseClientSecret, "clientSecret"),
  baseUrl: parsedBy((value) => parseBaseUrl(value.trim()), "origin"),
  renewBefore,
  keepers: z.record(z.string(), z.unknown(), { error: "must be an object" }),
  existingToken: parsedBy(parseAccessToken, "token"),
};

/** The arguments that differ. The name is none of them: an alias changes it without changing the token. */
export function changedInputs(olds: Properties, news: Properties): InputName[] {
  return INPUTS.filter((name) => name !== "name" && !isSame(name, olds[name], news[name]));
}

/** Absent and empty keepers are the same. */
function isSame(name: InputName, a: unknown, b: unknown): boolean {
  const empty = name === "keepers" ? {} : undefined;
  return isDeepStrictEqual(a ?? empty, b ?? empty);
}
