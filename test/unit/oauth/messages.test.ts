import { fromResponse, fromTransportError } from "../../../provider/oauth/classify";
import { errorOf } from "../../../provider/oauth/error";
import type { Failure } from "../../../provider/oauth/failure";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import { golden } from "../../support/golden";
import { contract, endpoints } from "../../support/oauth/contract";

const call = { origin: "https://cloud.mongodb.com", clientId: "mdb_sa_id_0123456789abcdef01234567" };
const serviceVersion = { "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101" };

/** The failures that Atlas documents, as it words them. */
function documented(endpoint: Endpoint): Failure[] {
  return contract.failures.map(({ status, headers, body }) =>
    fromResponse(endpoint, {
      status,
      headers: { ...headers, ...serviceVersion },
      body: body === null ? "" : JSON.stringify(body),
      complete: true,
    }),
  );
}

function others(endpoint: Endpoint): Failure[] {
  const redirect = { status: 302, headers: { location: "https://login.example/" }, body: "", complete: true };
  const socketError = (code: string, syscall: string): Error => Object.assign(new Error(), { code, syscall });
  return [
    fromResponse(endpoint, redirect),
    fromTransportError(endpoint, false, socketError("ENOTFOUND", "getaddrinfo")),
    fromTransportError(endpoint, true, socketError("ECONNRESET", "read")),
    { code: "aborted", sent: true, retryable: false, mayHaveIssued: true },
    { code: "invalid_argument", retryable: false, description: "clientId must be a non-empty string" },
  ];
}

describe("the message of an error", () => {
  for (const endpoint of endpoints) {
    for (const failure of [...documented(endpoint), ...others(endpoint)]) {
      const sent = failure.code === "invalid_argument" ? 0 : failure.retryable ? 12 : 1;
      it(`is documented by a golden file for ${failure.code} of ${endpoint}`, () => {
        const error = errorOf(failure, {
          ...call,
          endpoint,
          attempts: sent,
          elapsedMs: sent === 12 ? 271_300 : sent * 240,
        });
        golden(`client/${endpoint}-${failure.code}.txt`, error.message);
      });
    }
  }
});
