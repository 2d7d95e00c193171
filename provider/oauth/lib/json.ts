/** Parses a text as JSON; undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses a text as a JSON object; undefined if it is anything else. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  return asObject(parseJson(text));
}

/** Returns the value as an object with unknown properties; undefined if it is anything else. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
