import assert from "node:assert/strict";

import { endpoints, Fixture, headersOf, paths } from "./support";

interface Row {
  readonly status: number;
  readonly error?: string;
  readonly headers: Record<string, string | undefined>;
  readonly body: { error_description: string; error: string } | null;
}

const json = "application/json";
const version = "gitHash=0a1b2c3; versionString=v20261101";

/** The contract, told a second time: an answer that drifts from it turns a row red. */
function contract(path: string): Row[] {
  return [
    {
      status: 400,
      headers: { "content-type": json, server: "mdbws", "x-mongodb-service-version": version },
      body: { error_description: "The provided credentials are not valid.", error: "invalid_request" },
    },
    {
      status: 400,
      error: "invalid_request",
      headers: { "content-type": json, server: "mdbws" },
      body: { error_description: "The provided credentials are not valid.", error: "invalid_request" },
    },
    {
      status: 400,
      error: "unsupported_grant_type",
      headers: { "content-type": json, server: "mdbws" },
      body: { error_description: "Invalid grant type.", error: "unsupported_grant_type" },
    },
    {
      status: 400,
      error: "invalid_grant",
      headers: { "content-type": json, server: "mdbws" },
      body: { error_description: "Invalid grant.", error: "invalid_grant" },
    },
    {
      status: 401,
      headers: {
        "content-type": "application/json;charset=ISO-8859-1",
        "www-authenticate":
          'Digest realm="MMS Public API", domain="", nonce="bm9uY2U=", algorithm=MD5, op="auth", stale=false',
        "x-mongodb-service-version": version,
      },
      body: { error_description: "Invalid credentials provided.", error: "invalid_client" },
    },
    {
      status: 403,
      headers: { "content-type": json, "x-mongodb-service-version": version },
      body: {
        error_description: "IP access list validation failed for the service account.",
        error: "access_denied",
      },
    },
    {
      status: 429,
      headers: { "content-type": json, "retry-after": "42", "x-mongodb-service-version": version },
      body: {
        error_description: `Resource ${path} is limited to 10 requests every 1 minutes.`,
        error: "rate_limited",
      },
    },
    {
      status: 500,
      headers: { "content-type": json, "retry-after": undefined, "x-mongodb-service-version": version },
      body: { error_description: "Unexpected error.", error: "server_error" },
    },
    {
      status: 503,
      headers: { "content-type": json, "retry-after": "7", "x-mongodb-service-version": undefined },
      body: null,
    },
  ];
}

describe("a documented failure on demand", () => {
  const local = new Fixture();

  for (const endpoint of endpoints) {
    for (const row of contract(paths[endpoint])) {
      it(`of ${endpoint}: ${row.status} ${row.error ?? ""} has its headers and its body`, async () => {
        local.atlas.failNext(endpoint, row.status, row.error === undefined ? {} : { error: row.error });
        const reply = await local.valid(endpoint);
        assert.equal(reply.status, row.status);
        assert.deepEqual(headersOf(reply, Object.keys(row.headers)), row.headers);
        assert.equal(reply.text, row.body === null ? "" : JSON.stringify(row.body));
      });
    }
  }
});
