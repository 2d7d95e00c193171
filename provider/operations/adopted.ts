import { readLifetime } from "../oauth/jwt";
import { describeExpiry } from "./expiry-status";

/** Says why a token cannot be adopted: it has expired. Undefined where it has not, or does not tell. */
export function expiredProblem(token: string, now: number): string | undefined {
  const { expiresAt } = readLifetime(token);
  return expiresAt !== undefined && expiresAt <= now
    ? `${describeExpiry(expiresAt, now)}: there is nothing to adopt`
    : undefined;
}
