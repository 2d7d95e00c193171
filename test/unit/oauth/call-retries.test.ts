import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued, serverDate, serverTime } from "../../support/oauth/scripted-server";
import { minute, second } from "../../support/oauth/times";

describe("the retries of a call", () => {
  const client = new ClientFixture();

  for (const { endpoint, success, call } of [
    { endpoint: "issue", success: issued(), call: client.issue.bind(client) },
    { endpoint: "revoke", success: contract.revoked, call: client.revoke.bind(client) },
  ] as const) {
    const unavailable = { status: 503, headers: { "retry-after": "60" } };

    it(`wait for the end of a rate limit by the server's clock: ${endpoint}`, async () => {
      const end = new Date(serverTime + 42 * second).toUTCString();
      client.server.script(endpoint, { status: 429, headers: { date: serverDate, "retry-after": end } }, success);
      await call();
      assert.deepEqual([client.calls.waits[0]?.waitMs, client.server.received.length], [42 * second, 2]);
    });

    it(`wait for the time of the rate limit that the response names: ${endpoint}`, async () => {
      const body = { error_description: "Resource / is limited to 1 requests every 2 minutes." };
      client.server.script(endpoint, { status: 429, body }, success);
      await call();
      assert.deepEqual([client.calls.waits[0]?.waitMs, client.server.received.length], [2 * minute, 2]);
    });

    it(`end after retryTimeoutMs: ${endpoint}`, async () => {
      client.server.script(endpoint, unavailable);
      const error = await rejection(call({ retryTimeoutMs: 150_000 }));
      assert.deepEqual([error.code, error.attempts], ["service_unavailable", 3]);
      assert.ok(error.elapsedMs <= 150_000, String(error.elapsedMs));
    });

    it(`end when waitSignal aborts: ${endpoint}`, async () => {
      client.server.script(endpoint, unavailable);
      const stop = new AbortController();
      const error = await rejection(call({ waitSignal: stop.signal, onWait: () => stop.abort() }));
      assert.deepEqual([error.code, error.attempts, error.elapsedMs], ["aborted", 1, 0]);
    });
  }
});
