import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued, type Scripted } from "../../support/oauth/scripted-server";
import { minute } from "../../support/oauth/times";

describe("the retries of a call", () => {
  const client = new ClientFixture();
  const endpoints = [
    { endpoint: "issue", success: issued(), call: client.issue.bind(client) },
    { endpoint: "revoke", success: contract.revoked, call: client.revoke.bind(client) },
  ] as const;

  const date = "Sun, 01 Nov 2026 12:00:00 GMT";
  const limit = JSON.stringify({ error_description: "Resource / is limited to 1 requests every 2 minutes." });
  const rows: { description: string; response: Partial<Scripted>; waitMs: number }[] = [
    { description: "Retry-After in seconds", response: { headers: { "retry-after": "42" } }, waitMs: 42_000 },
    { description: "several of them", response: { headers: { "retry-after": ["3", "42", "7"] } }, waitMs: 42_000 },
    {
      description: "a date, by the server's clock",
      response: { headers: { date, "retry-after": "Sun, 01 Nov 2026 12:00:42 GMT" } },
      waitMs: 42_000,
    },
    { description: "none", response: {}, waitMs: minute },
    { description: "one that makes no sense", response: { headers: { "retry-after": "soon" } }, waitMs: minute },
    { description: "none, but the limit", response: { body: limit }, waitMs: 2 * minute },
  ];

  for (const { endpoint, success, call } of endpoints) {
    for (const { description, response, waitMs } of rows) {
      it(`wait for the end of a rate limit, whatever this machine's clock says: ${endpoint}, ${description}`, async () => {
        client.calls.clock.wallOffset = 60 * minute;
        client.server.script(endpoint, { status: 429, ...response }, success);
        await call();
        assert.equal(client.calls.waits[0]?.waitMs, waitMs);
        assert.equal(client.server.received.length, 2);
      });
    }

    it(`end at once if Retry-After is a year: ${endpoint}`, async () => {
      const year = 365 * 24 * 3600;
      client.server.script(endpoint, { status: 429, headers: { "retry-after": String(year) } });
      const error = await rejection(call());
      assert.deepEqual([error.code, error.retryAfter, error.attempts], ["rate_limited", year, 1]);
      assert.deepEqual(client.calls.waits, []);
    });

    it(`end after retryTimeoutMs: ${endpoint}`, async () => {
      client.server.script(endpoint, { status: 503, headers: { "retry-after": "60" } });
      const error = await rejection(call({ retryTimeoutMs: 150_000 }));
      assert.deepEqual([error.code, error.attempts], ["service_unavailable", 3]);
      assert.ok(error.elapsedMs <= 150_000, String(error.elapsedMs));
    });

    it(`end when waitSignal aborts: ${endpoint}`, async () => {
      client.server.script(endpoint, { status: 503, headers: { "retry-after": "60" } });
      const stop = new AbortController();
      const error = await rejection(call({ waitSignal: stop.signal, onWait: () => stop.abort() }));
      assert.deepEqual([error.code, error.attempts, error.elapsedMs], ["aborted", 1, 0]);
    });
  }
});
