import type { RateLimit } from "./rate-limit";

/** A failure that a response reported. */
export interface FailureWithStatus<Code extends string, Status extends number> {
  /** Identifies the failure. */
  readonly code: Code;
  /** The HTTP status, or the one inside an envelope. */
  readonly status: Status;
}

/** A failure without a response. */
export interface FailureWithoutStatus<Code extends string> {
  /** Identifies the failure. */
  readonly code: Code;
  /** There is none, since there was no response. */
  readonly status?: undefined;
}

/** One of the caller's signals ended the call. */
export interface AbortedFailure extends FailureWithoutStatus<"aborted"> {
  /** Whether a request had been started that Atlas may have processed: a refusal excludes that. */
  readonly sent: boolean;
}

/**
 * What went wrong, discriminated by `code`; each status that Atlas documents has a code of its own.
 *
 * - `invalid_request`, `unsupported_grant_type`, `invalid_grant`: 400 with that `error` (RFC 6749 section 5.2)
 * - `invalid_client`: Atlas rejected the client ID or client secret (RFC 6749 section 5.2)
 * - `access_denied`: the IP access list of the service account, or its limit of active tokens
 * - `rate_limited`: still rate limited when the retries timed out
 * - `server_error`: an internal error of Atlas
 * - `service_unavailable`: Atlas is temporarily unavailable; a token to be revoked still exists (RFC 7009 section 2.2.1)
 * - `unexpected_response`: another status, a redirect, a web page, a 200 that reports a failure, or one without a valid token
 * - `unreachable`: the request was not started: name resolution, connection, TLS or proxy failed
 * - `no_response`: the request was started, but no response was received; Atlas may have processed it
 * - `aborted`: one of the caller's signals ended the call
 * - `unsupported_runtime`: Node.js or undici is not what this package needs; nothing was sent
 * - `invalid_argument`: an argument is invalid; nothing was sent
 */
export type AtlasOAuthFailure =
  | FailureWithStatus<"invalid_request" | "unsupported_grant_type" | "invalid_grant", 400>
  | FailureWithStatus<"invalid_client", 401>
  | FailureWithStatus<"access_denied", 403>
  | FailureWithStatus<"rate_limited", 429>
  | FailureWithStatus<"server_error", 500>
  | FailureWithStatus<"service_unavailable", 503>
  | FailureWithStatus<"unexpected_response", number>
  | FailureWithoutStatus<"unreachable">
  | FailureWithoutStatus<"no_response">
  | AbortedFailure
  | FailureWithoutStatus<"unsupported_runtime">
  | FailureWithoutStatus<"invalid_argument">;

/** Whether Atlas may have done what a failed call asked for; only a refusal or a request that was never sent excludes that. */
export function mayHaveProcessed(failure: AtlasOAuthFailure): boolean {
  const { code, status } = failure;
  if (status !== undefined) return status < 300 || (status >= 500 && status !== 503);
  return code === "no_response" || (code === "aborted" && failure.sent);
}

/** The transport's error, reduced to what identifies it: the original can carry bodies and the password of a proxy. */
export interface TransportCause {
  /** The error's name, `ConnectTimeoutError` for example. */
  readonly name: string;
  /** The code of Node.js or undici, `ECONNRESET` for example. */
  readonly code?: string;
  /** The system call that failed. */
  readonly syscall?: string;
}

/** What is known about a failure in addition to its code. */
export interface FailureDetails {
  /** The server's own words, without secrets and control characters, or what the client found wrong. */
  readonly description?: string;
  /** Present if the response is a web page: a proxy or a filter sent it, not Atlas's API. The code is that of its status. */
  readonly webPage?: true;
  /** The server's `Retry-After`, in seconds (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** The rate limit, if the server stated it. */
  readonly limit?: RateLimit;
  /** Whether the client retries this failure: repeating the request does no harm and may succeed. */
  readonly retryable: boolean;
  /** For an issue: whether Atlas may have issued a token that nobody received; it expires within an hour. */
  readonly mayHaveIssued?: boolean;
  /** Atlas's `X-MongoDB-Service-Version`, which MongoDB Support asks for. */
  readonly serviceVersion?: string;
  /** The transport's error if there was one: its name, code and system call, never the original. */
  readonly cause?: TransportCause;
}

/** A failure before it is an error. */
export type Failure = AtlasOAuthFailure & FailureDetails;
