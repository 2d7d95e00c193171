import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import type { Endpoint } from "../../provider/oauth/endpoint";
import { RequestQueue } from "../../provider/oauth/request-queue";
import { endpoints } from "../support/oauth/contract";
import { abortCall, close, first, healthy, inTurn, reset, responds, writes, type Act } from "./support/acts";
import { call } from "./support/call";
import { FaultyServer } from "./support/server";
import { Stage } from "./support/stage";

interface Calls {
  readonly server: FaultyServer;
  readonly stage: Stage;
  /** Makes a call and says how it ended. */
  readonly make: (endpoint: Endpoint, clientId?: string) => Promise<string>;
}

async function against(respond: Act, run: (calls: Calls) => Promise<void>): Promise<void> {
  const stage = new Stage();
  try {
    const server = await FaultyServer.start(stage, { respond });
    const options = { baseUrl: `http://${server.host}`, signal: stage.caller.signal };
    await run({
      server,
      stage,
      make: async (endpoint, clientId = "a client") => {
        const ending = await call(endpoint, { ...options, clientId }, stage);
        // undici looks once more at what came before it uses a connection again.
        await setImmediate();
        return ending;
      },
    });
  } finally {
    await stage.close();
  }
}

describe("a connection of the client", () => {
  for (const [description, respond, calls, connections] of [
    ["is new for each issue", healthy, ["issue", "issue", "issue"], [1, 2, 3]],
    ["is new for an issue after a revoke", healthy, ["revoke", "issue", "revoke"], [1, 2, 1]],
    ["is shared by revokes", healthy, ["revoke", "revoke", "revoke"], [1, 1, 1]],
    ["is replaced if it is reset under a revoke", first(1, healthy, first(1, reset)), ["revoke", "revoke"], [1, 1, 2]],
    ["is replaced if it is closed under a revoke", first(1, healthy, first(1, close)), ["revoke", "revoke"], [1, 1, 2]],
  ] as const) {
    it(description, () =>
      against(respond, async ({ server, make }) => {
        for (const endpoint of calls) assert.equal(await make(endpoint), `${endpoint}d`);
        assert.deepEqual(
          server.requests.map(({ connection }) => connection),
          connections,
        );
        const issues = server.requests.filter(({ target }) => target.endsWith("/token"));
        for (const { headers } of issues) assert.equal(headers.get("connection"), "close");
      }),
    );
  }

  it("is shared by revokes of several service accounts", () =>
    against(healthy, async ({ server, make }) => {
      assert.deepEqual([await make("revoke", "one"), await make("revoke", "another")], ["revoked", "revoked"]);
      assert.equal(server.connections, 1);
    }));

  it("is replaced if the server closes it while it is idle", () =>
    against(inTurn(healthy, close), async ({ server, stage, make }) => {
      assert.equal(await make("revoke"), "revoked");
      while (stage.open > 0) await setImmediate();
      assert.equal(await make("revoke"), "revoked");
      assert.equal(server.connections, 2);
    }));

  const stale = "HTTP/1.1 200 Stale\r\ncontent-length: 0\r\n\r\n";
  for (const [when, act] of [
    ["together with the response before it", writes(stale.repeat(2))],
    ["while it was idle", inTurn(responds(200), writes(stale))],
  ] as const) {
    it(`never brings a response to a revoke that came ${when}`, () =>
      against(first(1, act, responds(403)), async ({ stage, make }) => {
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
      return against(inWaves, async ({ server, stage, make }) => {
        const calls = accounts.flatMap((account) =>
          Array.from({ length: RequestQueue.MAX_CONCURRENT }, () => make(endpoint, account)),
        );
        for (const ending of await Promise.all(calls)) assert.equal(ending, `${endpoint}d`);
        assert.equal(server.requests.length, accounts.length * RequestQueue.MAX_CONCURRENT);
        assert.deepEqual([stage.peak, server.connections], [8, endpoint === "revoke" ? 8 : server.requests.length]);
      });
    });

    it(`of ${endpoint} is closed when the caller of many calls aborts them at once`, () =>
      against(abortCall, async ({ make }) => {
        const endings = await Promise.all(Array.from({ length: 50 }, () => make(endpoint)));
        for (const ending of endings) assert.match(ending, /^aborted/);
      }));
  }
});
