import type { Failure } from "../../../provider/oauth/failure";

function after(seconds: number | undefined): { retryAfter?: number } {
  return seconds === undefined ? {} : { retryAfter: seconds };
}

/** The failures that a call is tried again after, as one attempt of a revoke comes to them. */
export const failures = {
  rateLimited: (seconds?: number): Failure => ({
    code: "rate_limited",
    status: 429,
    retryable: true,
    ...after(seconds),
  }),
  unavailable: (seconds?: number): Failure => ({
    code: "service_unavailable",
    status: 503,
    retryable: true,
    ...after(seconds),
  }),
  serverError: (seconds?: number): Failure => ({
    code: "server_error",
    status: 500,
    retryable: true,
    ...after(seconds),
  }),
  badGateway: (): Failure => ({ code: "unexpected_response", status: 502, retryable: true }),
  noResponse: (): Failure => ({ code: "no_response", retryable: true, cause: { name: "Error", code: "ECONNRESET" } }),
  unreachable: (code: string): Failure => ({ code: "unreachable", retryable: true, cause: { name: "Error", code } }),
};

/** A failure that trying again does not help. */
export const finalFailure: Failure = { code: "invalid_client", status: 401, retryable: false };

/** One of each kind that is tried again. */
export const retriedFailures: readonly Failure[] = [
  failures.rateLimited(1),
  failures.rateLimited(),
  failures.unavailable(1),
  failures.unavailable(),
  failures.serverError(),
  failures.badGateway(),
  failures.noResponse(),
  failures.unreachable("ECONNREFUSED"),
  failures.unreachable("UND_ERR_CONNECT_TIMEOUT"),
];
