import assert from "node:assert/strict";

import type { AtlasOAuthError } from "../../../provider/oauth/failure/error";
import { issueToken, revokeToken } from "../../../provider/oauth/index";
import { endpoints } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { useScriptedServer } from "../../support/oauth/scripted-server";

/** Callers from JavaScript can pass anything. */
const functions = { issue: issueToken, revoke: revokeToken } as unknown as Record<
  "issue" | "revoke",
  (options?: unknown) => Promise<unknown>
>;

const valid = { clientId: "fake-client-id", clientSecret: "fake-client-secret", token: "fake.access.token" };
const swapped = { clientId: "mdb_sa_sk_fake-client-secret", clientSecret: "mdb_sa_id_fake-client-id" };
const notDates = [new Date(NaN), "2026-11-01T12:00:00Z", Date.UTC(2026, 10, 1), null, {}, { getTime: () => 0 }];
const notSignals = ["abort", 1, {}, new AbortController(), null];

/** For each argument, the beginning of its problem and values that have it. */
const rows: readonly (readonly [name: string, problem: string, values: readonly unknown[]])[] = [
  ["clientId", "must be a non-empty string", [undefined, 12345678]],
  ["clientId", "must be a client ID", [swapped.clientId]],
  ["clientSecret", "must be a non-empty string", [undefined, 12345678]],
  ["clientSecret", "must be a client secret", [swapped.clientSecret]],
  ["token", "must be a non-empty string", [undefined, 12345678]],
  ["token", "must be an access token", [swapped.clientId, swapped.clientSecret]],
  ["token", "must be the access token alone", ["Bearer fake.access.token"]],
  ["baseUrl", "must be a URL such as https://cloud.mongodb.com", [undefined, "no url"]],
  ["baseUrl", "must not contain credentials", ["https://user:fake-password@cloud.mongodb.com"]],
  ["signal", "must be an AbortSignal", notSignals],
  ["waitSignal", "must be an AbortSignal", notSignals],
  ["retryTimeoutMs", "must be a finite number of at least 0", ["5m", -1, NaN, Infinity, null]],
  ["onWait", "must be a function", ["wait", {}, null]],
  ["onEvent", "must be a function", ["event", {}, null]],
  ["expiresAt", "must be a valid Date", notDates],
];

describe("an invalid argument", () => {
  const server = useScriptedServer();

  async function refused(endpoint: "issue" | "revoke", change: Record<string, unknown>): Promise<AtlasOAuthError> {
    const error = await rejection(functions[endpoint]({ baseUrl: server().baseUrl, ...valid, ...change }));
    const { code, status, retryable, attempts, mayHaveIssued } = error;
    assert.deepEqual(
      { code, status, retryable, attempts, mayHaveIssued, endpoint: error.endpoint },
      { code: "invalid_argument", status: undefined, retryable: false, attempts: 0, mayHaveIssued: false, endpoint },
    );
    assert.deepEqual(server().received, [], "a request was sent");
    return error;
  }

  for (const endpoint of endpoints) {
    for (const [name, problem, values] of rows) {
      if (endpoint === "issue" && (name === "token" || name === "expiresAt")) continue;
      it(`is refused by ${endpoint} and not repeated: ${name} ${problem}`, async () => {
        for (const value of values) {
          const { description = "", message } = await refused(endpoint, { [name]: value });
          assert.ok(description.startsWith(`${name} ${problem}`), description);
          assert.doesNotMatch(message, /fake-password|fake\.access|mdb_sa_.._fake/);
        }
      });
    }

    it(`is refused by ${endpoint} if the options are missing or are not an object`, async () => {
      for (const options of [undefined, null, "fake-value", {}]) {
        const error = await rejection(functions[endpoint](options));
        assert.deepEqual([error.code, error.attempts], ["invalid_argument", 0]);
      }
    });
  }

  it("is reported as the first of several, and swapped credentials are not repeated", async () => {
    const { description = "" } = await refused("revoke", { clientId: 1, clientSecret: 2 });
    assert.match(description, /^clientId must be a non/);
    const { message, clientId } = await refused("issue", swapped);
    assert.doesNotMatch(message, /fake-client/);
    assert.equal(clientId, "");
  });
});
