import { PATHS, type Endpoint } from "../http/endpoint";
import { mayHaveProcessed, type Failure } from "./failure";

/** Which call failed, as its error says it: nothing in it is secret. */
export interface CallInfo {
  readonly endpoint: Endpoint;
  readonly origin: string;
  readonly clientId: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** Says in one line what happened, for every message about the failure: `invalid_client (401): Atlas rejected …`. */
export function summary(failure: Failure): string {
  const status = failure.status === undefined ? "" : ` (${failure.status})`;
  return `${failure.code}${status}: ${headline(failure)}`;
}

function headline({ code, webPage }: Failure): string {
  if (webPage === true) return "the response did not come from Atlas's API";
  switch (code) {
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_grant":
      return "Atlas rejected the request";
    case "invalid_client":
      return "Atlas rejected the client ID or client secret";
    case "access_denied":
      return "Atlas denied access";
    case "rate_limited":
      return "still rate limited when the retries timed out";
    case "server_error":
      return "Atlas returned an internal error";
    case "service_unavailable":
      return "Atlas is temporarily unavailable";
    case "unexpected_response":
      return "Atlas returned an undocumented response";
    case "unreachable":
      return "Atlas could not be reached";
    case "unsupported_runtime":
      return "Node.js or undici could not send the request";
    case "no_response":
      return "no response was received";
    case "aborted":
      return "the call was aborted";
    case "invalid_argument":
      return "invalid argument";
  }
}

/** Returns the details of a failure, if there are any: Atlas's words in quotes, or what the client found wrong. */
export function reasonOf(failure: Failure): string | undefined {
  const { code, status, description, webPage, cause } = failure;
  // For an undocumented response or a web page the client says what is wrong with it.
  const quoted = status !== undefined && code !== "unexpected_response" && webPage !== true;
  return description === undefined ? cause?.code : quoted ? `"${description}"` : description;
}

/** Says in one line what happened, with the details. */
export function describeFailure(failure: Failure): string {
  return [summary(failure), reasonOf(failure) ?? []].flat().join(": ");
}

/** Names the endpoint for a message, without a scheme. */
export function hostAndPath(origin: string, endpoint: keyof typeof PATHS): string {
  return origin.replace(/^https?:\/\//, "") + PATHS[endpoint];
}

/** Composes the complete message of an error. */
export function errorMessage(failure: Failure, call: CallInfo): string {
  const { endpoint, origin, clientId, attempts, elapsedMs } = call;
  const facts = [
    `POST ${hostAndPath(origin, endpoint)}`,
    ...(clientId === "" ? [] : [`client ID ${clientId}`]),
    ...(failure.serviceVersion === undefined ? [] : [`service version ${failure.serviceVersion}`]),
    `${attempts} ${attempts === 1 ? "attempt" : "attempts"} in ${(elapsedMs / 1000).toFixed(1)} s`,
  ];
  return `${effect(endpoint, failure)}: ${describeFailure(failure)} [${facts.join("; ")}]`;
}

function effect(endpoint: Endpoint, failure: Failure): string {
  if (endpoint === "revoke") {
    return mayHaveProcessed(failure) ? "the token may or may not be revoked" : "the token was not revoked";
  }
  return failure.mayHaveIssued === true
    ? "no usable token was received (Atlas may have issued one; it expires within an hour)"
    : "no token was issued";
}
