import { z } from "zod";

import { parseDuration } from "../duration";
import { parseAccessToken, parseClientId, parseClientSecret } from "../oauth/input/credentials";
import { parseBaseUrl } from "../oauth/input/base-url";
import { DOCUMENTED_LIFETIME_MS } from "../oauth/input/lifetime";
import type { InputName } from "./inputs";
import { NEVER } from "./renewal";

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

const nonEmptyString = z
  .string({ error: "must be a non-empty string" })
  .min(1, { error: "must be a non-empty string" });

const renewBefore = nonEmptyString.refine(
  (value) => {
    const duration = parseDuration(value);
    return value === NEVER || (duration !== undefined && duration < DOCUMENTED_LIFETIME_MS);
  },
  { error: 'must be "never" or a duration under 1h, such as 90s or 59m30s' },
);

/** What each input must be. */
export const SCHEMAS: Readonly<Record<InputName, z.ZodType>> = {
  name: nonEmptyString,
  clientId: parsedBy(parseClientId, "clientId"),
  clientSecret: parsedBy(parseClientSecret, "clientSecret"),
  baseUrl: parsedBy((value) => parseBaseUrl(value.trim()), "origin"),
  renewBefore,
  keepers: z.record(z.string(), z.unknown(), { error: "must be an object" }),
  existingToken: parsedBy(parseAccessToken, "token"),
};
