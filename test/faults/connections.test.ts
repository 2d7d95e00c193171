import assert from "node:assert/strict";

import { RequestQueue } from "../../provider/oauth/queue/request-queue";
import { clientSockets, close, first, healthy, inTurn, reset, responds, writes } from "../support/behaviors";
import { endpoints } from "../support/oauth/contract";
import { until } from "../support/within";
import { abortCall, withFixture, type Behavior, type Fixture } from "./support/fixture";

/** Opens a fixture with an http server. */
function withServer(respond: Behavior, run: (fixture: Fixture) => Promise<void>): Promise<void> {
  return withFixture({ http: { respond } }, run);
}

/** How many connections of the client to a server are open. */
function connected({ baseUrl }: Fixture): number {
  const port = Number(new URL(baseUrl).port);
  return [...clientSockets.values()].filter((socket) => !socket.destroyed && socket.remotePort === port).length;
}

describe("a connection of the client", () => {
  for (const [description, respond, calls, expected] of [
    ["is new for each issue", healthy, ["issue", "issue", "issue"], [1, 2, 3]],
    ["is new for an issue after a revoke", healthy, ["revoke", "issue", "revoke"], [1, 2, 1]],
    ["is shared by revokes, whatever their service account", healthy, ["revoke", "revoke", "revoke"], [1, 1, 1]],
    ["is replaced if it is reset under a revoke", first(1, healthy, first(1, reset)), ["revoke", "revoke"], [1, 1, 2]],
    ["is replaced if it is closed under a revoke", first(1, healthy, first(1, close)), ["revoke", "revoke"], [1, 1, 2]],
  ] as const) {
    it(description, () =>
      withServer(respond, async (fixture) => {
        for (const [index, endpoint] of calls.entries()) {
          assert.equal(await fixture.call(endpoint, { clientId: index === 2 ? "another" : "one" }), `${endpoint}d`);
        }
        const { requests, connections } = fixture.server!;
        const used = requests.map(({ socket }) => connections.indexOf(socket) + 1);
        assert.deepEqual(used, expected);
        const issues = requests.filter(({ url }) => url!.endsWith("/token"));
        for (const { headers } of issues) assert.equal(headers.connection, "close");
      }),
    );
  }

  it("is replaced if the server closes it while it is idle", () =>
    withServer(inTurn(healthy, close), async (fixture) => {
      assert.equal(await fixture.call("revoke"), "revoked");
      await until("the client to close its connection", () => connected(fixture) === 0);
      assert.equal(await fixture.call("revoke"), "revoked");
      assert.equal(fixture.server!.connections.length, 2);
    }));

  const stale = "HTTP/1.1 200 Stale\r\ncontent-length: 0\r\n\r\n";
  for (const [when, behave] of [
    ["together with the response before it", writes(stale.repeat(2))],
    ["while it was idle", inTurn(responds(200), writes(stale))],
  ] as const) {
    it(`never brings a response to a revoke that came ${when}`, () =>
      withServer(first(1, behave, responds(403)), async (fixture) => {
        assert.equal(await fixture.call("revoke"), "revoked");
        await until("the client to close its connection", () => connected(fixture) === 0);
        assert.match(await fixture.call("revoke"), /^access_denied 403/);
      }));
  }

  for (const endpoint of endpoints) {
    it(`is one of at most 8 for ${endpoint}, however many service accounts are at work`, () => {
      const calls = ["one", "another", "a third"].flatMap((clientId) =>
        Array.from({ length: RequestQueue.MAX_CONCURRENT }, () => ({ clientId })),
      );
      let most = 0;
      const waiting: (() => void)[] = [];
      // Responds to nothing until 8 requests wait.
      const inWaves: Behavior = (exchange) => {
        most = Math.max(most, connected(exchange.context));
        waiting.push(() => void healthy(exchange));
        if (waiting.length === 8) for (const respond of waiting.splice(0)) respond();
      };
      return withServer(inWaves, async (fixture) => {
        const endings = await Promise.all(calls.map((options) => fixture.call(endpoint, options)));
        for (const ending of endings) assert.equal(ending, `${endpoint}d`);
        const { requests, connections } = fixture.server!;
        assert.equal(requests.length, calls.length);
        assert.deepEqual([most, connections.length], [8, endpoint === "revoke" ? 8 : calls.length]);
      });
    });

    it(`of ${endpoint} is closed when the caller of many calls aborts them at once`, () =>
      withServer(abortCall, async (fixture) => {
        const endings = await Promise.all(Array.from({ length: 50 }, () => fixture.call(endpoint)));
        for (const ending of endings) assert.match(ending, /^aborted/);
      }));
  }
});
