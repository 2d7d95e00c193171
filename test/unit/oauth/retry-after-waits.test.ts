import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued, type Scripted } from "../../support/oauth/scripted-server";
import { minute, second } from "../../support/oauth/times";

describe("a 429 is waited out as long as Retry-After says", () => {
  const client = new ClientFixture();

  const date = "Sun, 01 Nov 2026 12:00:00 GMT";
  const rows: { description: string; headers: Scripted["headers"]; least: number; most: number }[] = [
    { description: "in seconds", headers: { "retry-after": "42" }, least: 42, most: 43 },
    { description: "in several headers", headers: { "retry-after": ["3", "42", "7"] }, least: 42, most: 43 },
    {
      description: "as a date, by the server's clock",
      headers: { date, "retry-after": "Sun, 01 Nov 2026 12:00:42 GMT" },
      least: 42,
      most: 43,
    },
    { description: "or 10 s where it is missing", headers: {}, least: 10, most: 10 },
    { description: "or 10 s where it is negative", headers: { "retry-after": "-5" }, least: 10, most: 10 },
    { description: "or 10 s where it is no number", headers: { "retry-after": "soon" }, least: 10, most: 10 },
  ];
  const year = 365 * 24 * 3600;
  const endpoints = [
    { endpoint: "issue", answer: issued(), call: (): Promise<unknown> => client.issue() },
    { endpoint: "revoke", answer: contract.revoked, call: (): Promise<unknown> => client.revoke() },
  ] as const;

  for (const { endpoint, answer, call } of endpoints) {
    for (const { description, headers = {}, least, most } of rows) {
      for (const offset of [0, 60 * minute, -60 * minute]) {
        it(`${description}, by ${endpoint} (this machine's clock is ${offset / minute} min off)`, async () => {
          client.calls.clock.wallOffset = offset;
          client.server.script(endpoint, { status: 429, headers }, answer);
          await call();
          const waited = (client.calls.waits[0]?.waitMs ?? NaN) / second;
          assert.ok(waited >= least && waited <= most, String(waited));
          assert.equal(client.server.received.length, 2);
        });
      }
    }

    it(`but ${endpoint} fails at once where that is a year`, async () => {
      client.server.script(endpoint, { status: 429, headers: { "retry-after": String(year) } });
      const error = await rejection(call());
      assert.deepEqual([error.code, error.retryAfter, error.attempts], ["rate_limited", year, 1]);
      assert.deepEqual(client.calls.waits, []);
    });
  }
});
