import { hostAndPath, type Endpoint } from "./endpoint";

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

/** The circumstances of a call, which its error carries. */
export interface CallContext {
  readonly endpoint: Endpoint;
  readonly origin: string;
  readonly clientId: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** The fields that every {@link AtlasOAuthError} has. */
export interface AtlasOAuthErrorFields extends Error, FailureDetails {
  /** `AtlasOAuthError`. */
  readonly name: "AtlasOAuthError";
  /** The transport's error where there was one: its name, code and system call, never the original. */
  readonly cause?: TransportCause;
  /** For an issue: whether a token may have been issued that nobody holds; it expires by itself within an hour. */
  readonly mayHaveIssued: boolean;
  /** The endpoint that was called. */
  readonly endpoint: Endpoint;
  /** How many requests were made, refused connections included. */
  readonly attempts: number;
  /** Milliseconds from the call to its failure, waits included. */
  readonly elapsedMs: number;
}

/**
 * The one error of this client: a discriminated union on `code`, so that a `switch` over it is checked for completeness.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and RFC 7009 section 2.2.1 for the codes of OAuth.
 */
export type AtlasOAuthError = AtlasOAuthErrorFields & AtlasOAuthFailure;

/** Several copies of this package can meet in one process: the brand tells its errors, where `instanceof` would not. */
const BRAND = Symbol.for("pulumi-atlas-token.AtlasOAuthError");

const OAuthError = class AtlasOAuthError extends Error {
  declare readonly code: AtlasOAuthFailure["code"];

  static {
    // Not a field: a stack begins with the name that it finds while the error is made.
    Object.defineProperty(this.prototype, "name", { value: "AtlasOAuthError" });
  }

  constructor(failure: Failure, context: CallContext, redact: (text: string) => string) {
    super(redact(message(failure, context)));
    const { endpoint, attempts, elapsedMs } = context;
    const mayHaveIssued = endpoint === "issue" && failure.mayHaveIssued === true;
    Object.assign(this, failure, { endpoint, attempts, elapsedMs, mayHaveIssued });
  }

  get [BRAND](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isAtlasOAuthError(value);
  }
};

/** What `instanceof` takes; only the client makes errors of this class. */
export interface AtlasOAuthErrorClass {
  /** What `instanceof` narrows to. */
  readonly prototype: AtlasOAuthError;
  /**
   * Tells what {@link isAtlasOAuthError} tells.
   *
   * @param value any caught value
   */
  [Symbol.hasInstance](value: unknown): value is AtlasOAuthError;
}

/** The class of every rejection of `issueToken` and `revokeToken`; `instanceof` works across copies of the package. */
export const AtlasOAuthError = OAuthError as unknown as AtlasOAuthErrorClass;

/**
 * Tells whether a caught value is an {@link AtlasOAuthError}, also one of another copy of this package.
 *
 * @param value any caught value
 */
export function isAtlasOAuthError(value: unknown): value is AtlasOAuthError {
  return value instanceof Error && BRAND in value;
}

/** Makes the error of a failed call; `redact` takes the secrets of the call out of its message. */
export function errorOf(failure: Failure, context: CallContext, redact: (text: string) => string): AtlasOAuthError {
  return new OAuthError(failure, context, redact) as unknown as AtlasOAuthError;
}

/** One short sentence that says what happened, without the circumstances. */
export function headline(failure: AtlasOAuthFailure): string {
  switch (failure.code) {
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
      return "Atlas rejected the request";
    case "invalid_client":
      return "Atlas did not accept the client id and secret";
    case "access_denied":
      return "Atlas denied access";
    case "rate_limited":
      return "Atlas's rate limit held for longer than we wait";
    case "server_error":
      return "Atlas met an error of its own";
    case "service_unavailable":
      return "Atlas is not available";
    case "unexpected_response":
      return "the answer is none that Atlas documents";
    case "unreachable":
      return "Atlas could not be reached";
    case "no_response":
      return "no answer came back";
    case "aborted":
      return "the caller ended the call";
    case "invalid_argument":
      return "a wrong argument";
  }
}

function message(failure: Failure, { endpoint, origin, clientId, attempts, elapsedMs }: CallContext): string {
  const status = failure.status === undefined ? "" : ` (${failure.status})`;
  const words = failure.description ?? failure.cause?.code;
  const circumstances = [
    `POST ${hostAndPath(origin, endpoint)}`,
    `client id ${clientId}`,
    ...(failure.serviceVersion === undefined ? [] : [`service version ${failure.serviceVersion}`]),
    `${attempts} ${attempts === 1 ? "attempt" : "attempts"} in ${(elapsedMs / 1000).toFixed(1)} s`,
  ];
  const task =
    endpoint === "revoke"
      ? "the token was not revoked"
      : failure.mayHaveIssued === true
        ? "no token was issued that could be handed out (one may exist that nobody holds; it expires within an hour)"
        : "no token was issued";
  return `${task}: ${failure.code}${status}: ${headline(failure)}${words === undefined ? "" : `: ${words}`} [${circumstances.join("; ")}]`;
}
