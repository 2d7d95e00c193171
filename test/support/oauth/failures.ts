import { fromResponse, fromTransportError } from "../../../provider/oauth/failure/classify";
import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import { errorOf, type AtlasOAuthError } from "../../../provider/oauth/failure/error";
import type { Failure } from "../../../provider/oauth/failure/failure";
import { contract } from "./contract";

export type Code = Failure["code"];

/** One failure for each code: the documented ones in Atlas's words, and what can happen on the way to Atlas. */
export function failuresOf(endpoint: Endpoint): Readonly<Record<Code, Failure>> {
  const path = endpoint === "issue" ? "token" : "revoke";
  const documented = contract.failures.map(({ status, headers, body }) => ({
    status,
    headers: { ...headers, "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101" },
    // The contract quotes the words for a revoke.
    body: body === null ? "" : JSON.stringify(body).replace("/revoke is limited", `/${path} is limited`),
    complete: true,
  }));
  const redirect = { status: 302, headers: { location: "https://login.example/" }, body: "", complete: true };
  const socketError = (code: string, syscall: string): Error => Object.assign(new Error(), { code, syscall });
  const failures: Failure[] = [
    ...[...documented, redirect].map((response) => fromResponse(endpoint, response)),
    fromTransportError(endpoint, false, socketError("ENOTFOUND", "getaddrinfo")),
    runtimeFault(endpoint),
    fromTransportError(endpoint, true, socketError("ECONNRESET", "read")),
    { code: "aborted", sent: true, retryable: false, mayHaveIssued: true },
    { code: "invalid_argument", retryable: false, description: "clientId must be a non-empty string" },
  ];
  return Object.fromEntries(failures.map((failure) => [failure.code, failure])) as Record<Code, Failure>;
}

/** What no network is to blame for, as on an old Node.js. */
function runtimeFault(endpoint: Endpoint): Failure {
  const { description = "", ...failure } = fromTransportError(endpoint, false, new TypeError());
  return { ...failure, description: description.replace(process.version, "v18.20.8") };
}

export const codes = Object.keys(failuresOf("issue")) as readonly Code[];

/** The client's error for a failure, after as many attempts and as long as its retries really take. */
export function errorFor(
  endpoint: Endpoint,
  failure: Failure,
  call: { readonly origin: string; readonly clientId: string },
): AtlasOAuthError {
  const [attempts, elapsedMs] = effortOf(failure);
  return errorOf(failure, { ...call, endpoint, attempts, elapsedMs });
}

function effortOf({ code, retryable }: Failure): [attempts: number, elapsedMs: number] {
  if (code === "invalid_argument") return [0, 0];
  if (!retryable) return [1, 240];
  if (code === "unreachable") return [7, 26_900];
  if (code === "rate_limited") return [21, 886_000];
  return code === "service_unavailable" ? [39, 293_100] : [24, 288_600];
}
