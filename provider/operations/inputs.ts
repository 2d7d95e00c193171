import { z } from "zod";

import { parseDuration } from "../duration";
import { parseBaseUrl } from "../oauth/base-url";
import { NEVER } from "./never";
import type { InputName } from "./record";

/** How long a token lives, by MongoDB's documents, in milliseconds. */
const DOCUMENTED_LIFE = 3600_000;

const text = z.string({ error: "must be a string" }).min(1, { error: "must not be empty" });

const baseUrl = text.transform((value, context) => {
  const parsed = parseBaseUrl(value);
  if ("origin" in parsed) return parsed.origin;
  context.addIssue({ code: "custom", message: parsed.problem });
  return z.NEVER;
});

const renewBefore = text.refine(
  (value) => {
    const duration = parseDuration(value);
    return value === NEVER || (duration !== undefined && duration < DOCUMENTED_LIFE);
  },
  { error: "must be a duration such as 90s, 10m or 59m30s, under the hour that a token lives, or never" },
);

/** What each input must be; no message repeats a value, which may be secret. */
export const SCHEMAS: Readonly<Record<InputName, z.ZodType>> = {
  name: text,
  clientId: text,
  clientSecret: text,
  baseUrl,
  renewBefore,
  keepers: z.record(z.string(), z.unknown(), { error: "must be an object" }),
  existingToken: text,
};
