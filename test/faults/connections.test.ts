import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import { RequestQueue } from "../../provider/oauth/queue/request-queue";
import { endpoints } from "../support/oauth/contract";
import { abortCall, close, first, healthy, inTurn, reset, responds, writes, type Act } from "./support/acts";
import { http } from "./support/scene";
import { onStage } from "./support/table";

describe("a connection of the client", () => {
  for (const [description, respond, calls, connections] of [
    ["is new for each issue", healthy, ["issue", "issue", "issue"], [1, 2, 3]],
    ["is new for an issue after a revoke", healthy, ["revoke", "issue", "revoke"], [1, 2, 1]],
    ["is shared by revokes, whatever their service account", healthy, ["revoke", "revoke", "revoke"], [1, 1, 1]],
    ["is replaced if it is reset under a revoke", first(1, healthy, first(1, reset)), ["revoke", "revoke"], [1, 1, 2]],
    ["is replaced if it is closed under a revoke", first(1, healthy, first(1, close)), ["revoke", "revoke"], [1, 1, 2]],
  ] as const) {
    it(description, () =>
      onStage(http({ respond }), async ({ target: { seen }, make }) => {
        for (const [index, endpoint] of calls.entries()) {
          assert.equal(await make(endpoint, { clientId: index === 2 ? "another" : "one" }), `${endpoint}d`);
        }
        const used = seen!.requests.map(({ connection }) => connection);
        assert.deepEqual(used, connections);
        const issues = seen!.requests.filter(({ target }) => target.endsWith("/token"));
        for (const { headers } of issues) assert.equal(headers.get("connection"), "close");
      }),
    );
  }

  it("is replaced if the server closes it while it is idle", () =>
    onStage(http({ respond: inTurn(healthy, close) }), async ({ target: { seen }, stage, make }) => {
      assert.equal(await make("revoke"), "revoked");
      while (stage.open > 0) await setImmediate();
      assert.equal(await make("revoke"), "revoked");
      assert.equal(seen!.connections, 2);
    }));

  const stale = "HTTP/1.1 200 Stale\r\ncontent-length: 0\r\n\r\n";
  for (const [when, act] of [
    ["together with the response before it", writes(stale.repeat(2))],
    ["while it was idle", inTurn(responds(200), writes(stale))],
  ] as const) {
    it(`never brings a response to a revoke that came ${when}`, () =>
      onStage(http({ respond: first(1, act, responds(403)) }), async ({ stage, make }) => {
        assert.equal(await make("revoke"), "revoked");
        while (stage.open > 0) await setImmediate();
        assert.match(await make("revoke"), /^access_denied 403/);
      }));
  }

  for (const endpoint of endpoints) {
    it(`is one of at most 8 for ${endpoint}, however many service accounts are at work`, () => {
      const accounts = ["one", "another", "a third"];
      const waiting: (() => void)[] = [];
      // Responds to nothing until 8 requests wait.
      const inWaves: Act = (exchange) => {
        waiting.push(() => void healthy(exchange));
        if (waiting.length === 8) for (const respond of waiting.splice(0)) respond();
      };
      return onStage(http({ respond: inWaves }), async ({ target: { seen }, stage, make }) => {
        const calls = accounts.flatMap((clientId) =>
          Array.from({ length: RequestQueue.MAX_CONCURRENT }, () => make(endpoint, { clientId })),
        );
        for (const ending of await Promise.all(calls)) assert.equal(ending, `${endpoint}d`);
        assert.equal(seen!.requests.length, accounts.length * RequestQueue.MAX_CONCURRENT);
        assert.deepEqual([stage.peak, seen!.connections], [8, endpoint === "revoke" ? 8 : seen!.requests.length]);
      });
    });

    it(`of ${endpoint} is closed when the caller of many calls aborts them at once`, () =>
      onStage(http({ respond: abortCall }), async ({ make }) => {
        const endings = await Promise.all(Array.from({ length: 50 }, () => make(endpoint)));
        for (const ending of endings) assert.match(ending, /^aborted/);
      }));
  }
});
