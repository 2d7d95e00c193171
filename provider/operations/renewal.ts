import { formatSpan, parseDuration } from "../duration";
import { readLifetime } from "../oauth/input/lifetime";
import { formatTime, type TokenRecord } from "./record";

/** Whether a token is due for replacement, and what a reviewer of the preview should know about its expiry. */
export interface Renewal {
  readonly due: boolean;
  readonly note?: string;
}

/** Decides whether a token is due. A `renewBefore` that is `never` or not yet known makes no token due. */
export function judgeRenewal(record: TokenRecord, renewBefore: string, now: number): Renewal {
  const { issuedAt, expiresAt, existingToken } = record;
  const margin = parseDuration(renewBefore);
  const adopted = existingToken !== undefined;
  if (margin === undefined || (adopted && expiresAt === undefined)) return { due: false };
  if (expiresAt === undefined) return { due: true, note: "has no valid expiresAt in the state and will be replaced" };

  const expiry = describeExpiry(expiresAt, now);
  const lifetime = issuedAt === undefined ? Infinity : expiresAt - issuedAt;
  if (expiresAt > now && lifetime <= margin) {
    // Replacing it within renewBefore would replace it on every run.
    const rule = `its lifetime (${formatSpan(lifetime)}) does not exceed renewBefore (${renewBefore})`;
    return adopted
      ? { due: false }
      : { due: false, note: `${expiry}; ${rule}; it will be replaced only after it expires` };
  }
  if (expiresAt - now > margin) return { due: false };
  if (adopted) {
    return { due: false, note: `${expiry}; adopted tokens are not renewed; pass a new existingToken` };
  }
  const within = expiresAt > now ? `, within renewBefore (${renewBefore})` : "";
  return { due: true, note: `${expiry}${within}; it will be replaced` };
}

/** Decides what becomes of a token that a refresh found revoked: unlike the passing of time, that is drift. */
export function judgeRevocation({ revokedElsewhere, existingToken }: TokenRecord): Renewal {
  if (!revokedElsewhere) return { due: false };
  return existingToken === undefined
    ? { due: true, note: "was revoked outside Pulumi; it will be replaced" }
    : { due: false, note: "was revoked outside Pulumi; adopted tokens are not renewed; pass a new existingToken" };
}

/** Says why a token cannot be adopted, and what to do; undefined if it has not expired, or does not contain its expiry. */
export function adoptionProblem(token: string, now: number): string | undefined {
  const expired = expiredProblem(token, now);
  return expired === undefined ? undefined : `${expired}; it cannot be adopted; pass a valid token`;
}

/** Says that a token has expired; undefined if it has not, or does not contain its expiry. */
export function expiredProblem(token: string, now: number): string | undefined {
  const { expiresAt } = readLifetime(token);
  return expiresAt !== undefined && expiresAt <= now ? describeExpiry(expiresAt, now) : undefined;
}

/** Says when a token expires or expired, in UTC and from now. */
export function describeExpiry(expiresAt: number, now: number): string {
  const left = expiresAt - now;
  return left > 0
    ? `expires at ${formatTime(expiresAt)} (in ${formatSpan(left)})`
    : `expired at ${formatTime(expiresAt)} (${formatSpan(-left)} ago)`;
}
