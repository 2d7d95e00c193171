import { formatSpan, parseDuration } from "../duration";
import { formatTime, type TokenRecord } from "./record";

/** How a token stands to its expiry; it is due where it is `expired`, `within` the margin or `unreadable`. */
export type ExpiryStatus =
  /** Nothing to do, or nothing known: `renewBefore` is `never` or unknown. */
  | "fresh"
  /** Within `renewBefore` of its expiry. */
  | "within"
  | "expired"
  /** Its whole life is no longer than `renewBefore`: due only when expired, or it would be replaced for ever. */
  | "short-lived"
  /** The state holds no expiry that makes sense. */
  | "unreadable";

export function expiryStatus({ issuedAt, expiresAt }: TokenRecord, renewBefore: string, now: number): ExpiryStatus {
  const margin = parseDuration(renewBefore);
  if (margin === undefined) return "fresh";
  if (expiresAt === undefined) return "unreadable";
  if (expiresAt <= now) return "expired";
  if (issuedAt !== undefined && expiresAt - issuedAt <= margin) return "short-lived";
  return expiresAt - now <= margin ? "within" : "fresh";
}

/** The line that a reviewer reads under the preview's Diagnostics; undefined where there is nothing to say. */
export function noteFor(
  standing: ExpiryStatus,
  record: TokenRecord,
  renewBefore: string,
  now: number,
): string | undefined {
  const { issuedAt = NaN, expiresAt, existingToken } = record;
  if (standing === "fresh") return undefined;
  if (expiresAt === undefined) {
    return existingToken === undefined ? "has no readable expiry in the state: it is replaced" : undefined;
  }
  const expiry = describeExpiry(expiresAt, now);
  if (existingToken !== undefined) {
    return standing === "short-lived"
      ? undefined
      : `${expiry}; it was adopted and cannot be renewed here: pass another existingToken`;
  }
  switch (standing) {
    case "within":
      return `${expiry}, within renewBefore ${renewBefore}: it is replaced`;
    case "short-lived":
      return `${expiry}; its whole life of ${formatSpan(expiresAt - issuedAt)} is no longer than renewBefore ${renewBefore}: it is replaced only once it has expired`;
    case "expired":
    case "unreadable":
      return `${expiry} and is replaced (renewBefore ${renewBefore})`;
  }
}

/** Says when a token expires or expired, in UTC and from now. */
export function describeExpiry(expiresAt: number, now: number): string {
  const left = expiresAt - now;
  return left > 0
    ? `expires at ${formatTime(expiresAt)} (in ${formatSpan(left)})`
    : `expired at ${formatTime(expiresAt)} (${formatSpan(-left)} ago)`;
}
