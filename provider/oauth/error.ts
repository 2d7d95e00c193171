import type { Endpoint } from "./endpoint";
import type { AtlasOAuthFailure, Failure, FailureDetails, TransportCause } from "./failure";
import { errorMessage, type CallContext } from "./messages";

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
    super(redact(errorMessage(failure, context)));
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
