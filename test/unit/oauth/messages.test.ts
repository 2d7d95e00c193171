import { fromResponse, fromTransportError } from "../../../provider/oauth/classify";
import { errorOf } from "../../../provider/oauth/error";
import type { Failure } from "../../../provider/oauth/failure";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import { golden } from "../../support/golden";
import { contract, endpoints } from "../../support/oauth/contract";

/** The documented failures as Atlas words them, and others that have no documented words. */
function failuresOf(endpoint: Endpoint): Failure[] {
  const path = endpoint === "issue" ? "token" : "revoke";
  const version = { "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101" };
  const documented = contract.failures.map(({ status, headers, body }) => ({
    status,
    headers: { ...headers, ...version },
    // The contract quotes the words for a revoke.
    body: body === null ? "" : JSON.stringify(body).replace("/revoke is limited", `/${path} is limited`),
    complete: true,
  }));
  const redirect = { status: 302, headers: { location: "https://login.example/" }, body: "", complete: true };
  const socketError = (code: string, syscall: string): Error => Object.assign(new Error(), { code, syscall });
  return [
    ...[...documented, redirect].map((response) => fromResponse(endpoint, response)),
    fromTransportError(endpoint, false, socketError("ENOTFOUND", "getaddrinfo")),
    fromTransportError(endpoint, true, socketError("ECONNRESET", "read")),
    { code: "aborted", sent: true, retryable: false, mayHaveIssued: true },
    { code: "invalid_argument", retryable: false, description: "clientId must be a non-empty string" },
  ];
}

describe("the message of an error", () => {
  const call = { origin: "https://cloud.mongodb.com", clientId: "mdb_sa_id_0123456789abcdef01234567" };
  for (const endpoint of endpoints) {
    for (const failure of failuresOf(endpoint)) {
      it(`is documented by a golden file for ${failure.code} of ${endpoint}`, () => {
        const attempts = failure.code === "invalid_argument" ? 0 : failure.retryable ? 12 : 1;
        const elapsedMs = failure.retryable ? 271_300 : attempts * 240;
        golden(
          `client/${endpoint}-${failure.code}.txt`,
          errorOf(failure, { ...call, endpoint, attempts, elapsedMs }).message,
        );
      });
    }
  }
});
