import { jsonObject } from "../lib/json";

/** The times that a JWT states, in milliseconds since the epoch. */
export interface Lifetime {
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

/** How long a token lives according to MongoDB's documentation, in milliseconds. */
export const DOCUMENTED_LIFETIME_MS = 3600_000;

/** The last moment that RFC 3339 can write. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Reads `iat` and `exp` of a JWT without checking it (RFC 7519 section 4.1); empty for any other token. */
export function readLifetime(token: string): Lifetime {
  const claims = jsonObject(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const issuedAt = toTime(claims?.["iat"]);
  const expiresAt = toTime(claims?.["exp"]);
  return { ...(issuedAt === undefined ? {} : { issuedAt }), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function toTime(seconds: unknown): number | undefined {
  return typeof seconds === "number" ? validTime(seconds * 1000) : undefined;
}

/** Returns the time if it is after the epoch and RFC 3339 can write it. */
export function validTime(milliseconds: number): number | undefined {
  return milliseconds > 0 && milliseconds <= LATEST ? milliseconds : undefined;
}

/** The usual tolerance of clock skew, in milliseconds. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** What is known of a token's expiry; `unknown` if it has expired on the local clock and Atlas's clock is not known. */
export type ExpiryStatus = "active" | "expired" | "unknown";

/**
 * The one rule: a token has expired if that was more than five minutes ago on this machine's clock and on Atlas's, so
 * that a clock that is fast never costs a revocation. All times are milliseconds since the epoch.
 */
export function expiryStatus(expiresAt: number, localNow: number, atlasNow: number | undefined): ExpiryStatus {
  const limit = expiresAt + CLOCK_SKEW_MS;
  if (localNow <= limit) return "active";
  if (atlasNow === undefined) return "unknown";
  return atlasNow > limit ? "expired" : "active";
}
