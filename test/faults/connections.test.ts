import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import type { Endpoint } from "../../provider/oauth/endpoint";
import { isAtlasOAuthError } from "../../provider/oauth/error";
import { RequestQueue } from "../../provider/oauth/request-queue";
import { DEFAULT_TIMEOUTS } from "../../provider/oauth/client-settings";
import {
  abortCall,
  answers,
  answersRaw,
  close,
  healthy,
  inTurn,
  reset,
  writes,
  type Act,
  type Exchange,
} from "./support/acts";
import { call, settingsFor, type Played } from "./support/call";
import type { Received } from "./support/faulty-server";
import { http, type Seen } from "./support/scene";
import { Stage } from "./support/stage";
import { watchSurroundings } from "./support/surroundings";
import { endpoints } from "../support/oauth/contract";

interface Calls {
  readonly seen: Seen;
  readonly stage: Stage;
  /** Makes a call, which may be ended by the caller of the stage; all share their settings. */
  readonly make: (endpoint: Endpoint, clientId?: string) => Promise<Played>;
}

async function against(respond: Act, run: (calls: Calls) => Promise<void>): Promise<void> {
  const stage = new Stage(DEFAULT_TIMEOUTS.attemptMs);
  try {
    const { baseUrl, seen } = await http({ respond })(stage);
    const settings = settingsFor(stage);
    const { signal } = stage.caller;
    await run({
      seen: seen!,
      stage,
      make: async (endpoint, clientId) => {
        const played = await call(
          endpoint,
          { baseUrl, signal, ...(clientId === undefined ? {} : { clientId }) },
          settings,
        );
        // undici looks once more at what came before it uses a connection again.
        await setImmediate();
        return played;
      },
    });
  } finally {
    await stage.close();
  }
}

function connectionsOf(requests: readonly Received[]): readonly number[] {
  return requests.map(({ connection }) => connection);
}

function assertWorked(...all: readonly Played[]): void {
  for (const { outcome } of all) assert.ok("result" in outcome, "error" in outcome ? String(outcome.error) : "");
}

/** Does one thing about the second request of a connection, and answers all others well. */
function onSecondRequest(act: Act): Act {
  const known = new WeakSet<object>();
  return (exchange) => {
    const second = known.has(exchange.socket);
    known.add(exchange.socket);
    return (second ? act : healthy)(exchange);
  };
}

/** Answers nothing until so many requests wait or no more can come; then all of them. */
function inWaves(size: number, total: number): Act {
  let waiting: Exchange[] = [];
  let left = total;
  return (exchange) => {
    waiting.push(exchange);
    if (waiting.length < Math.min(size, left)) return;
    left -= waiting.length;
    const wave = waiting;
    waiting = [];
    for (const each of wave) void healthy(each);
  };
}

function codeOf(error: unknown): string | undefined {
  return isAtlasOAuthError(error) ? error.code : undefined;
}

describe("the connections of the client", () => {
  watchSurroundings();

  it("are new for each issue, and closed after it", () =>
    against(healthy, async ({ seen, make }) => {
      assertWorked(await make("issue"), await make("issue"), await make("issue"));
      assert.deepEqual(connectionsOf(seen.requests), [1, 2, 3]);
      assert.deepEqual(
        seen.requests.map(({ headers }) => headers.get("connection")),
        ["close", "close", "close"],
      );
    }));

  it("are new for an issue also where a revoke has left one", () =>
    against(healthy, async ({ seen, make }) => {
      assertWorked(await make("revoke"), await make("issue"), await make("revoke"));
      assert.deepEqual(connectionsOf(seen.requests), [1, 2, 1]);
    }));

  it("are shared by revokes", () =>
    against(healthy, async ({ seen, make }) => {
      assertWorked(await make("revoke"), await make("revoke"), await make("revoke"));
      assert.deepEqual(connectionsOf(seen.requests), [1, 1, 1]);
    }));

  it("are shared by revokes of several service accounts", () =>
    against(healthy, async ({ seen, make }) => {
      assertWorked(await make("revoke", "one"), await make("revoke", "another"));
      assert.deepEqual(connectionsOf(seen.requests), [1, 1]);
    }));

  it("are made anew where a server closes the idle one", () =>
    against(inTurn(healthy, close), async ({ seen, stage, make }) => {
      const first = await make("revoke");
      while (stage.clientSockets.open > 0) await setImmediate();
      assertWorked(first, await make("revoke"));
      assert.deepEqual(connectionsOf(seen.requests), [1, 2]);
    }));

  for (const [description, end] of [
    ["reset", reset],
    ["closed", close],
  ] as const) {
    it(`are made anew where the kept one is ${description} under a revoke, which is tried again`, () =>
      against(onSecondRequest(end), async ({ seen, make }) => {
        const first = await make("revoke");
        const second = await make("revoke");
        assertWorked(first, second);
        assert.deepEqual(connectionsOf(seen.requests), [1, 1, 2]);
        assert.deepEqual(
          second.waits.map(({ code }) => code),
          ["no_response"],
        );
      }));
  }

  const stale = "HTTP/1.1 200 Stale\r\ncontent-length: 0\r\n\r\n";
  for (const [description, respond] of [
    ["together with the one before it", answersRaw(stale.repeat(2))],
    ["on an idle connection", inTurn(answers(200), writes(stale))],
  ] as const) {
    it(`never take for the answer of a revoke what came ${description}`, () => {
      let first = true;
      const once: Act = (exchange) => {
        const act = first ? respond : answers(403);
        first = false;
        return act(exchange);
      };
      return against(once, async ({ stage, make }) => {
        assertWorked(await make("revoke"));
        while (stage.clientSockets.open > 0) await setImmediate();
        const { outcome } = await make("revoke");
        assert.equal("error" in outcome && codeOf(outcome.error), "access_denied");
      });
    });
  }

  for (const endpoint of endpoints) {
    it(`are at most 8 for ${endpoint}, however many service accounts are at work`, () => {
      const accounts = ["one", "another", "a third"];
      const total = accounts.length * RequestQueue.MAX_CONCURRENT;
      return against(inWaves(8, total), async ({ seen, stage, make }) => {
        const calls = accounts.flatMap((account) =>
          Array.from({ length: RequestQueue.MAX_CONCURRENT }, () => make(endpoint, account)),
        );
        assertWorked(...(await Promise.all(calls)));
        assert.equal(seen.requests.length, total);
        assert.equal(stage.clientSockets.peak, 8);
      });
    });

    it(`of ${endpoint} are closed when the caller of many calls ends them at once`, () =>
      against(abortCall, async ({ make }) => {
        const all = await Promise.all(Array.from({ length: 50 }, () => make(endpoint)));
        for (const { outcome } of all) assert.equal("error" in outcome && codeOf(outcome.error), "aborted");
      }));
  }

  it("carry one request that is all there", () =>
    against(answers(200), async ({ seen, make }) => {
      await make("revoke");
      const [request = assert.fail()] = seen.requests;
      assert.deepEqual(
        { method: request.method, target: request.target, encoding: request.headers.get("accept-encoding") },
        { method: "POST", target: "/api/oauth/revoke", encoding: "identity" },
      );
    }));
});
