/** Property values as they go over the wire and into the state: JSON, in which marked objects are secrets. */
export type Properties = Record<string, unknown>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** The same without any marks of secrets. */
export function reveal(properties: Properties): Properties {
  return plain(properties) as Properties;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value && "plaintext" in value) return JSON.parse(String(value.plaintext)) as unknown;
  if (SIGNATURE in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
