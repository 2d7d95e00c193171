import type { AtlasOAuthFailure } from "../../../provider/oauth/failure";
import { attemptsWithin, budgets } from "./call";

/** What a row expects of one endpoint. */
export interface Expected {
  /** Absent where the call succeeds. */
  readonly code?: Code;
  readonly status?: number;
  readonly attempts: number;
  /** Milliseconds of waiting after which the caller knows at the latest. */
  readonly within: number;
  /** Requests that the server saw; as many as attempts, or none where Atlas is unreachable, unless it is said here. */
  readonly requests?: number;
  /** Connections that the server saw. */
  readonly connections?: number;
  readonly retryable?: boolean;
  readonly mayHaveIssued?: boolean;
  readonly sent?: boolean;
  /** The code of the transport's error, or its name where it has no code. */
  readonly cause?: string;
  /** The server's words, or the client's own. */
  readonly description?: RegExp;
  /** How many attempts were ended by their own limit rather than by a shorter one. */
  readonly attemptsEnded?: number;
  /** How long the issued token lives, in seconds. */
  readonly life?: number;
  /** The token that cannot be handed out comes back for the state, because it could not be revoked either. */
  readonly unrevoked?: true;
}

type Code = AtlasOAuthFailure["code"];
type More = Partial<Omit<Expected, "code" | "attempts">>;

/** Succeeds at the first attempt. */
export function works(more: More = {}): Expected {
  return { attempts: 1, within: 0, ...more };
}

/** Fails, and is not tried again. */
export function once(code: Code, more: More = {}): Expected {
  return { code, attempts: 1, within: 0, ...more };
}

/** Is tried again for as long as faults may last. */
export function again(code: Code, more: More = {}): Expected {
  return { code, attempts: attemptsWithin.fault, within: budgets.fault, ...more };
}

/** Is tried again for as long as a refusal may last. */
export function briefly(code: Code, more: More = {}): Expected {
  return { code, attempts: attemptsWithin.refused, within: budgets.refused, ...more };
}

/** Is tried again for as long as the rate limit may hold. */
export function limited(more: More = {}): Expected {
  return { code: "rate_limited", status: 429, attempts: attemptsWithin.rateLimit, within: budgets.rateLimit, ...more };
}
