import { hostAndPath, type Endpoint } from "./endpoint";

/** What went wrong, told apart by `code`; each status that Atlas documents has a code of its own. */
export type AtlasOAuthFailure =
  /** 400 with that `error` (RFC 6749 section 5.2). */
  | { readonly code: "invalid_request" | "unsupported_grant_type" | "invalid_grant"; readonly status: 400 }
  /** 401: the client id and secret were not accepted (RFC 6749 section 5.2). */
  | { readonly code: "invalid_client"; readonly status: 401 }
  /** 403: the IP access list of the service account, or its cap of 100 active tokens. */
  | { readonly code: "access_denied"; readonly status: 403 }
  /** 429: the limit of requests a minute, reached for longer than the client waits. */
  | { readonly code: "rate_limited"; readonly status: 429 }
  /** 500: an unexpected error of Atlas. */
  | { readonly code: "server_error"; readonly status: 500 }
  /** 503: Atlas is not available; a token that was to be revoked still exists (RFC 7009 section 2.2.1). */
  | { readonly code: "service_unavailable"; readonly status: 503 }
  /** An answer that the contract does not know: another status, a redirect, a 2xx without a usable token. */
  | { readonly code: "unexpected_response"; readonly status: number }
  /** The request was never started: name, refused or hanging connection, TLS, proxy. */
  | { readonly code: "unreachable"; readonly status?: undefined }
  /** The request was started and no answer came back: Atlas may have processed it. */
  | { readonly code: "no_response"; readonly status?: undefined }
  /** The caller's signal ended the call. */
  | {
      readonly code: "aborted";
      readonly status?: undefined;
      /** Whether a request had been started, so that Atlas may have processed it. */
      readonly sent: boolean;
    }
  /** The caller's own mistake; nothing was sent. */
  | { readonly code: "invalid_argument"; readonly status?: undefined };

/** The transport's error reduced to what names it: the original can carry bodies and the password of a proxy. */
export interface TransportCause {
  readonly name: string;
  readonly code?: string;
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

interface AtlasOAuthErrorFields extends Error, FailureDetails {
  readonly name: "AtlasOAuthError";
  readonly cause?: TransportCause;
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

class OAuthError extends Error {
  override readonly name = "AtlasOAuthError";
  declare readonly code: AtlasOAuthFailure["code"];

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
}

/** The class of every rejection of `issueToken` and `revokeToken`; `instanceof` works across copies of the package. */
export const AtlasOAuthError = OAuthError as unknown as { readonly prototype: AtlasOAuthError } & (abstract new (
  ...never: never[]
) => AtlasOAuthError);

/** Tells whether a caught value is an {@link AtlasOAuthError}, also one of another copy of this package. */
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
