import assert from "node:assert/strict";

import type { WaitInfo } from "../../../provider/oauth/call";
import { ClientFixture, credentials } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { documented, issued, serverDate, serverTime } from "../../support/oauth/scripted-server";
import { minute, second } from "../../support/oauth/times";

describe("a call", () => {
  const client = new ClientFixture();

  for (const { endpoint, success, call } of [
    { endpoint: "issue", success: issued(), call: client.issue.bind(client) },
    { endpoint: "revoke", success: contract.revoked, call: client.revoke.bind(client) },
  ] as const) {
    const unavailable = { status: 503, headers: { "retry-after": "60" } };

    for (const failure of contract.failures) {
      const { status, code, body, triedAgain, retryAfterSeconds = 0 } = failure;
      const retries = triedAgain[endpoint];
      it(`${retries ? "is retried" : "ends"} after the documented ${status} ${code}: ${endpoint}`, async () => {
        client.server.script(endpoint, documented(failure), success);
        if (retries) {
          await call();
          const [{ code: waitedFor, endpoint: waiting, origin, clientId, waitMs }] = client.calls.waits as [WaitInfo];
          const expected = [code, endpoint, client.server.baseUrl, credentials.clientId];
          assert.deepEqual([waitedFor, waiting, origin, clientId], expected);
          assert.ok(waitMs >= retryAfterSeconds * second && waitMs <= (retryAfterSeconds + 1) * second, String(waitMs));
        } else {
          const error = await rejection(call());
          assert.deepEqual([error.code, error.status, error.description], [code, status, body?.error_description]);
          assert.deepEqual([error.attempts, error.mayHaveIssued], [1, status === 500]);
        }
      });
    }

    for (const [description, waitMs, response] of [
      [
        "end of a rate limit by the server's clock",
        42 * second,
        { headers: { date: serverDate, "retry-after": new Date(serverTime + 42 * second).toUTCString() } },
      ],
      [
        "time of the rate limit that the response names",
        2 * minute,
        { body: { error_description: "Resource / is limited to 1 requests every 2 minutes." } },
      ],
    ] as const) {
      it(`waits for the ${description}: ${endpoint}`, async () => {
        client.server.script(endpoint, { status: 429, ...response }, success);
        await call();
        assert.deepEqual([client.calls.waits[0]?.waitMs, client.server.received.length], [waitMs, 2]);
      });
    }

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

    for (const [when, name, attempts, mayHaveIssued] of [
      ["before anything is sent", "signal", 0, false],
      ["during the request", "signal", 1, endpoint === "issue"],
      ["while it waits", "signal", 1, false],
      ["while it waits", "waitSignal", 1, false],
    ] as const) {
      it(`ends ${when} when its ${name} aborts, and says what may have happened: ${endpoint}`, async () => {
        const controller = new AbortController();
        if (attempts === 0) controller.abort();
        client.server.script(endpoint, () => {
          if (when === "during the request") controller.abort();
          return { status: 503 };
        });
        const error = await rejection(call({ [name]: controller.signal, onWait: () => controller.abort() }));
        assert.ok(error.code === "aborted");
        // A 503 excludes that Atlas has processed the request.
        const sent = when === "during the request";
        assert.deepEqual([error.sent, error.attempts, error.mayHaveIssued], [sent, attempts, mayHaveIssued]);
        assert.deepEqual([client.server.received.length, error.elapsedMs], [attempts, 0]);
      });
    }
  }
});
