/** A failure that an answer told. */
export interface AnsweredFailure<Code extends string, Status extends number> {
  /** Tells the failures apart. */
  readonly code: Code;
  /** The HTTP status, or the one inside an envelope. */
  readonly status: Status;
}

/** A failure without an answer. */
export interface UnansweredFailure<Code extends string> {
  /** Tells the failures apart. */
  readonly code: Code;
  /** There is none. */
  readonly status?: undefined;
}

/** The caller's signal ended the call. */
export interface AbortedFailure extends UnansweredFailure<"aborted"> {
  /** Whether a request had been started, so that Atlas may have processed it. */
  readonly sent: boolean;
}

/**
 * What went wrong, told apart by `code`; each status that Atlas documents has a code of its own.
 *
 * - `invalid_request`, `unsupported_grant_type`, `invalid_grant`: 400 with that `error` (RFC 6749 section 5.2)
 * - `invalid_client`: the client id and secret were not accepted (RFC 6749 section 5.2)
 * - `access_denied`: the IP access list of the service account, or its cap of 100 active tokens
 * - `rate_limited`: the limit of requests a minute, reached for longer than the client waits
 * - `server_error`: an unexpected error of Atlas
 * - `service_unavailable`: a token that was to be revoked still exists (RFC 7009 section 2.2.1)
 * - `unexpected_response`: another status, a redirect, a 2xx of the token endpoint without a usable token
 * - `unreachable`: the request was never started: name, refused or hanging connection, TLS, proxy
 * - `no_response`: the request was started and no answer came back, so that Atlas may have processed it
 * - `aborted`: the caller's signal ended the call
 * - `invalid_argument`: the caller's own mistake; nothing was sent
 */
export type AtlasOAuthFailure =
  | AnsweredFailure<"invalid_request" | "unsupported_grant_type" | "invalid_grant", 400>
  | AnsweredFailure<"invalid_client", 401>
  | AnsweredFailure<"access_denied", 403>
  | AnsweredFailure<"rate_limited", 429>
  | AnsweredFailure<"server_error", 500>
  | AnsweredFailure<"service_unavailable", 503>
  | AnsweredFailure<"unexpected_response", number>
  | UnansweredFailure<"unreachable">
  | UnansweredFailure<"no_response">
  | AbortedFailure
  | UnansweredFailure<"invalid_argument">;

/** The transport's error reduced to what names it: the original can carry bodies and the password of a proxy. */
export interface TransportCause {
  /** The error's name, `ConnectTimeoutError` for example. */
  readonly name: string;
  /** The code of Node.js or undici, `ECONNRESET` for example. */
  readonly code?: string;
  /** The system call that failed. */
  readonly syscall?: string;
}

/** What is known of a failure beside its code. */
export interface FailureDetails {
  /** The server's own words, without secrets and control characters, or what the client has to say instead. */
  readonly description?: string;
  /** Seconds that the server asked to wait (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Whether the same call may be tried again without harm. */
  readonly retryable: boolean;
  /** For an issue: whether a token may have been issued that nobody holds; it expires by itself within an hour. */
  readonly mayHaveIssued?: boolean;
  /** Atlas's `X-MongoDB-Service-Version`, which MongoDB's support asks for. */
  readonly serviceVersion?: string;
  /** The transport's error where there was one: its name, code and system call, never the original. */
  readonly cause?: TransportCause;
}

/** A failure before it is an error: what one attempt came to. */
export type Failure = AtlasOAuthFailure & FailureDetails;
