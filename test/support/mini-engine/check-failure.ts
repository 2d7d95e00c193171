import type { CheckFailure } from "../provider-host";
import { isSecret, unknownValue, type Properties } from "../values";

/**
 * What the engine says of a failed check. Beware: it repeats the value of the property that is to blame, even that of a
 * secret, unless the failure names no property.
 */
export function checkFailureText(type: string, name: string, inputs: Properties, failure: CheckFailure): string {
  const { property, reason } = failure;
  if (property === "") return `${type} resource '${name}' has a problem: ${reason}`;
  return `${type} resource '${name}': property ${property} value ${asGo(inputs[property])} has a problem: ${reason}`;
}

/** The engine prints its own structures, as Go does. */
function asGo(value: unknown): string {
  if (value === unknownValue) return "output<string>{}";
  return `{${content(value)}}`;
}

function content(value: unknown): string {
  if (value === undefined || value === null) return "<nil>";
  if (isSecret(value)) return `&{${asGo(value.value)}}`;
  if (Array.isArray(value)) return `[${value.map(asGo).join(" ")}]`;
  if (typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${asGo(item)}`).join(" ")}]`;
}
