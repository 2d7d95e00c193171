import type { Endpoint } from "../http/endpoint";
import type { AtlasOAuthFailure, Failure, FailureDetails, TransportCause } from "./failure";
import { errorMessage, type CallInfo } from "./messages";

/** The fields that every {@link AtlasOAuthError} has in addition to those of its failure. None holds a secret. */
export interface AtlasOAuthErrorFields extends Error, FailureDetails {
  /** `AtlasOAuthError`. */
  readonly name: "AtlasOAuthError";
  /** The transport's error if there was one: its name, code and system call, never the original. */
  readonly cause?: TransportCause;
  /** For an issue: whether Atlas may have issued a token that nobody received; it expires within an hour. */
  readonly mayHaveIssued: boolean;
  /** The endpoint that was called. */
  readonly endpoint: Endpoint;
  /** The origin that was called; empty if the base URL was refused. */
  readonly origin: string;
  /** The client ID of the service account; empty if it was refused. */
  readonly clientId: string;
  /** How many requests were made, refused connections included. */
  readonly attempts: number;
  /** Milliseconds from the call to its failure, waits included. */
  readonly elapsedMs: number;
}

/**
 * The one error of this client: a discriminated union on `code`, so that the compiler checks a `switch` over it for
 * completeness.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and RFC 7009 section 2.2.1 for the codes of OAuth.
 */
export type AtlasOAuthError = AtlasOAuthErrorFields & AtlasOAuthFailure;

/** Several copies of this package can meet in one process. They recognize each other's errors by this brand. */
const BRAND = Symbol.for("pulumi-atlas-token.AtlasOAuthError");

/** What `instanceof` takes; only the client makes errors of this class. */
export interface AtlasOAuthErrorClass {
  /**
   * Decides as {@link isAtlasOAuthError} does.
   *
   * @param value any caught value
   */
  [Symbol.hasInstance](value: unknown): value is AtlasOAuthError;
}

const OAuthError = class AtlasOAuthError extends Error {
  static override readonly [Symbol.hasInstance] = isAtlasOAuthError;

  override get name(): "AtlasOAuthError" {
    return "AtlasOAuthError";
  }

  get [BRAND](): true {
    return true;
  }
};

/** The class of every rejection of `issueToken` and `revokeToken`; `instanceof` works across copies of the package. */
export const AtlasOAuthError: AtlasOAuthErrorClass = OAuthError;

/**
 * Returns whether a caught value is an {@link AtlasOAuthError}, also one of another copy of this package.
 *
 * @param value any caught value
 * @example
 * try {
 *   await revokeToken(options);
 * } catch (error) {
 *   if (!isAtlasOAuthError(error)) throw error;
 *   if (error.code === "invalid_client") console.error("The client secret was rotated.");
 * }
 */
export function isAtlasOAuthError(value: unknown): value is AtlasOAuthError {
  return value instanceof Error && BRAND in value;
}

/** Makes the error of a failed call. The failure and the call must hold no secret any more. */
export function errorOf(failure: Failure, call: CallInfo): AtlasOAuthError {
  const mayHaveIssued = call.endpoint === "issue" && failure.mayHaveIssued === true;
  return Object.assign(new OAuthError(errorMessage(failure, call)), failure, call, { mayHaveIssued });
}
