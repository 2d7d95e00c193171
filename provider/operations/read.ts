import type { Context } from "./context";
import type { Properties } from "./record";

export interface ReadResult {
  readonly id: string;
  readonly props: Properties;
}

/**
 * Returns what it was given, since Atlas has no endpoint that describes a token. The engine runs diff right after a read, and
 * that diff must not report a due token as drift. Pulumi's legacy refresh runs none: the next diff is then a real one, which
 * must report it.
 */
export function read(id: string, properties: Properties, { runState, sources }: Context): ReadResult {
  if (!isTruthy(sources.env["PULUMI_ENABLE_LEGACY_REFRESH_DIFF"])) runState.justRead.add(id);
  return { id, props: properties };
}

/** As `cmdutil.IsTruthy` in Pulumi's `sdk/go/common/util/cmdutil` reads its variables. */
function isTruthy(value = ""): boolean {
  return value === "1" || value.toLowerCase() === "true";
}
