import assert from "node:assert/strict";

import { ClientFixture, credentials } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued, serverDate, serverTime } from "../../support/oauth/scripted-server";
import { minute, second } from "../../support/oauth/times";

describe("a call", () => {
  const client = new ClientFixture();

  for (const { endpoint, success, call } of [
    { endpoint: "issue", success: issued(), call: client.issue.bind(client) },
    { endpoint: "revoke", success: contract.revoked, call: client.revoke.bind(client) },
  ] as const) {
    const unavailable = { status: 503, headers: { "retry-after": "60" } };

    it(`waits for the end of a rate limit by the server's clock: ${endpoint}`, async () => {
      const end = new Date(serverTime + 42 * second).toUTCString();
      client.server.script(endpoint, { status: 429, headers: { date: serverDate, "retry-after": end } }, success);
      await call();
      assert.deepEqual([client.calls.waits[0]?.waitMs, client.server.received.length], [42 * second, 2]);
    });

    it(`waits for the time of the rate limit that the response names: ${endpoint}`, async () => {
      const body = { error_description: "Resource / is limited to 1 requests every 2 minutes." };
      client.server.script(endpoint, { status: 429, body }, success);
      await call();
      assert.deepEqual([client.calls.waits[0]?.waitMs, client.server.received.length], [2 * minute, 2]);
    });

    for (const retryTimeoutMs of [undefined, 150_000]) {
      it(`fails with the last failure after a retry timeout of ${retryTimeoutMs ?? "5 min"}: ${endpoint}`, async () => {
        client.server.script(endpoint, { status: 429, headers: { "retry-after": "5" } }, unavailable);
        const { code, attempts, elapsedMs, ...error } = await rejection(call({ retryTimeoutMs }));
        assert.deepEqual([code, attempts], ["service_unavailable", client.server.received.length]);
        assert.deepEqual([error.origin, error.clientId], [client.server.baseUrl, credentials.clientId]);
        const most = retryTimeoutMs ?? 5 * minute;
        assert.ok(elapsedMs > most - minute && elapsedMs <= most, String(elapsedMs));
      });
    }

    it(`ends when waitSignal aborts: ${endpoint}`, async () => {
      client.server.script(endpoint, unavailable);
      const stop = new AbortController();
      const error = await rejection(call({ waitSignal: stop.signal, onWait: () => stop.abort() }));
      assert.deepEqual([error.code, error.attempts, error.elapsedMs], ["aborted", 1, 0]);
    });

    for (const [when, attempts, mayHaveIssued] of [
      ["before anything is sent", 0, false],
      ["during the request", 1, endpoint === "issue"],
      ["while it waits", 1, false],
    ] as const) {
      it(`ends ${when} when the signal aborts, and says what may have happened: ${endpoint}`, async () => {
        const controller = new AbortController();
        if (attempts === 0) controller.abort();
        client.server.script(endpoint, () => {
          if (when === "during the request") controller.abort();
          return unavailable;
        });
        const error = await rejection(call({ signal: controller.signal, onWait: () => controller.abort() }));
        assert.ok(error.code === "aborted");
        assert.deepEqual([error.sent, error.attempts, error.mayHaveIssued], [attempts > 0, attempts, mayHaveIssued]);
        assert.equal(client.server.received.length, attempts);
      });
    }
  }
});
