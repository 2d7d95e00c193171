import { hostAndPath, type Endpoint } from "./endpoint";
import type { AtlasOAuthFailure, Failure } from "./failure";

/** The circumstances of a call, which its error carries. */
export interface CallContext {
  readonly endpoint: Endpoint;
  readonly origin: string;
  readonly clientId: string;
  readonly attempts: number;
  readonly elapsedMs: number;
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

/** The complete message of an error. */
export function errorMessage(
  failure: Failure,
  { endpoint, origin, clientId, attempts, elapsedMs }: CallContext,
): string {
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
