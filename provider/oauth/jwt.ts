import { jsonObject } from "./http-response";

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
