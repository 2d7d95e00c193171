import type { z } from "zod";

/** Thrown when an option, a setting or a requested failure is invalid; the message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Returns the value if it matches the schema; the `UsageError` names each invalid property. */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(result.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
}
