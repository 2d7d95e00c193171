import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { rejection } from "../../support/oauth/rejection";

describe("the options of a call's retries", () => {
  const client = new ClientFixture();
  const calls = [
    { endpoint: "issue", call: client.issue.bind(client) },
    { endpoint: "revoke", call: client.revoke.bind(client) },
  ] as const;

  for (const { endpoint, call } of calls) {
    it(`retryTimeoutMs says how long it is retried: ${endpoint}`, async () => {
      client.server.script(endpoint, { status: 503, headers: { "retry-after": "60" } });
      const error = await rejection(call({ retryTimeoutMs: 150_000 }));
      assert.deepEqual([error.code, error.attempts], ["service_unavailable", 3]);
      assert.ok(error.elapsedMs <= 150_000, String(error.elapsedMs));
    });

    it(`waitSignal ends its waits: ${endpoint}`, async () => {
      client.server.script(endpoint, { status: 503, headers: { "retry-after": "60" } });
      const stop = new AbortController();
      const error = await rejection(call({ waitSignal: stop.signal, onWait: () => stop.abort() }));
      assert.deepEqual([error.code, error.attempts, error.elapsedMs], ["aborted", 1, 0]);
    });
  }
});
