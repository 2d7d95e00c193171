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
import { http, type Seen } from "./support/scene";
import { call, settingsFor, Stage, type Played } from "./support/stage";
import { watchProcess } from "./support/table";
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

function codeOf({ outcome }: Played): string | undefined {
  return "error" in outcome && isAtlasOAuthError(outcome.error) ? outcome.error.code : undefined;
}

describe("a connection of the client", () => {
  watchProcess();

  for (const [description, respond, calls, connections] of [
    ["is new for each issue", healthy, ["issue", "issue", "issue"], [1, 2, 3]],
    ["is new for an issue after a revoke", healthy, ["revoke", "issue", "revoke"], [1, 2, 1]],
    ["is shared by revokes", healthy, ["revoke", "revoke", "revoke"], [1, 1, 1]],
    ["is made anew if the kept one is reset under a revoke", onSecondRequest(reset), ["revoke", "revoke"], [1, 1, 2]],
    ["is made anew if the kept one is closed under a revoke", onSecondRequest(close), ["revoke", "revoke"], [1, 1, 2]],
  ] as const) {
    it(description, () =>
      against(respond, async ({ seen, make }) => {
        for (const endpoint of calls) assertWorked(await make(endpoint));
        assert.deepEqual(
          seen.requests.map(({ connection }) => connection),
          connections,
        );
        const issues = seen.requests.filter(({ target }) => target.endsWith("/token"));
        for (const { headers } of issues) assert.equal(headers.get("connection"), "close");
      }),
    );
  }

  it("is shared by revokes of several service accounts", () =>
    against(healthy, async ({ seen, make }) => {
      assertWorked(await make("revoke", "one"), await make("revoke", "another"));
      assert.equal(seen.connections, 1);
    }));

  it("is made anew if a server closes the idle one", () =>
    against(inTurn(healthy, close), async ({ seen, stage, make }) => {
      const first = await make("revoke");
      while (stage.clientSockets.open > 0) await setImmediate();
      assertWorked(first, await make("revoke"));
      assert.equal(seen.connections, 2);
    }));

  const stale = "HTTP/1.1 200 Stale\r\ncontent-length: 0\r\n\r\n";
  for (const [description, respond] of [
    ["together with the response before it", answersRaw(stale.repeat(2))],
    ["while it was idle", inTurn(answers(200), writes(stale))],
  ] as const) {
    it(`never takes for the response to a revoke what came ${description}`, () => {
      let first = true;
      const once: Act = (exchange) => {
        const act = first ? respond : answers(403);
        first = false;
        return act(exchange);
      };
      return against(once, async ({ stage, make }) => {
        assertWorked(await make("revoke"));
        while (stage.clientSockets.open > 0) await setImmediate();
        assert.equal(codeOf(await make("revoke")), "access_denied");
      });
    });
  }

  for (const endpoint of endpoints) {
    it(`is one of at most 8 for ${endpoint}, however many service accounts are at work`, () => {
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

    it(`of ${endpoint} is closed when the caller of many calls ends them at once`, () =>
      against(abortCall, async ({ make }) => {
        for (const played of await Promise.all(Array.from({ length: 50 }, () => make(endpoint)))) {
          assert.equal(codeOf(played), "aborted");
        }
      }));
  }
});
