import type { AtlasOAuthFailure } from "../../../provider/oauth/failure";
import type { RetryTimeouts } from "../../../provider/oauth/retry";

/** Each timeout allows another number of attempts, so that the number tells which one ended a call. */
export const budgets: RetryTimeouts = { other: 500, refused: 1_000, rateLimit: 180_000 };
export const attemptsWithin = { other: 2, refused: 3, rateLimit: 4 } as const;

/** What a row expects of one endpoint. */
export interface Expected {
  /** Absent if the call succeeds. */
  readonly code?: AtlasOAuthFailure["code"];
  readonly status?: number;
  readonly attempts: number;
  /** Milliseconds of waiting after which the caller knows at the latest. */
  readonly within: number;
  /** Requests that the server saw; by default as many as attempts, or none if Atlas is unreachable. */
  readonly requests?: number;
  /** Connections that the server saw. */
  readonly connections?: number;
  readonly retryable?: boolean;
  readonly mayHaveIssued?: boolean;
  readonly sent?: boolean;
  /** The code of the transport's error, or its name if it has no code. */
  readonly cause?: string;
  readonly description?: RegExp;
  /** How many attempts were ended by their own timeout rather than by a shorter one. */
  readonly attemptsEnded?: number;
}

type Code = AtlasOAuthFailure["code"];
type More = Partial<Omit<Expected, "code" | "attempts">>;

/** Succeeds at the first attempt. */
export function works(more: More = {}): Expected {
  return { attempts: 1, within: 0, ...more };
}

/** Fails, and is not retried. */
export function once(code: Code, more: More = {}): Expected {
  return { code, attempts: 1, within: 0, ...more };
}

/** Is retried for as long as faults may last. */
export function again(code: Code, more: More = {}): Expected {
  return { code, attempts: attemptsWithin.other, within: budgets.other, ...more };
}

/** Is retried for as long as a refused connection may last. */
export function briefly(code: Code, more: More = {}): Expected {
  return { code, attempts: attemptsWithin.refused, within: budgets.refused, ...more };
}

/** Is retried for as long as the rate limit may last. */
export function limited(): Expected {
  return { code: "rate_limited", status: 429, attempts: attemptsWithin.rateLimit, within: budgets.rateLimit };
}
