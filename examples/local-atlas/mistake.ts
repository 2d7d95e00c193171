import type { z } from "zod";

/** Raised when local Atlas is asked for something that makes no sense; the message is one line. */
export class Mistake extends Error {
  override readonly name = "Mistake";
}

/** The value, if the schema takes it; otherwise a `Mistake` that names each property and what is wrong with it. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Mistake(result.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
}
