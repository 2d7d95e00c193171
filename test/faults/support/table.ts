import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import type { RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { endpoints } from "../../support/oauth/contract";
import { first, type Act } from "./acts";
import { call } from "./call";
import { http, type Scene, type Target } from "./scene";
import { setEnvironment, Stage } from "./stage";

/** A fault, and how a call ends that meets it: the beginning of what `call` returns. */
export interface Row {
  readonly description: string;
  /** What an http server does about each request. */
  readonly server?: Act;
  /** What there is instead of such a server. */
  readonly scene?: Scene;
  readonly issue: string;
  readonly revoke: string;
}

/** One test for each row, which makes both calls. */
export function testRows(subject: string, rows: readonly Row[]): void {
  describe(subject, () => {
    for (const row of rows) {
      it(row.description, async () => {
        for (const endpoint of endpoints) {
          const expected = row[endpoint];
          const { target, ending } = await play(row, endpoint);
          assertEnding(endpoint, expected, ending, target);
          // If the fault passes, the second attempt succeeds.
          if (row.server === undefined || !expected.includes("after 2 attempts")) continue;
          const passing = await play({ ...row, server: first(1, row.server) }, endpoint);
          assert.equal(passing.ending, `${endpoint}d`);
          assert.equal(passing.target.seen?.requests.length, 2);
        }
      });
    }
  });
}

function play({ server, scene = http({ respond: server! }) }: Row, endpoint: Endpoint) {
  return onStage(scene, async ({ target, make }) => ({ target, ending: await make(endpoint) }));
}

interface Scenery {
  readonly stage: Stage;
  readonly target: Target;
  /** Makes a call, which the caller of the stage can abort, and says how it ended. */
  readonly make: (endpoint: Endpoint, options?: Partial<RevokeTokenOptions>) => Promise<string>;
}

/** Sets up a scene for some calls, and closes everything after them. */
export async function onStage<T>(scene: Scene, run: (scenery: Scenery) => Promise<T>): Promise<T> {
  const stage = new Stage();
  try {
    const target = await scene(stage);
    stage.onClose(setEnvironment(target.env));
    const always = { baseUrl: target.baseUrl, signal: stage.caller.signal };
    return await run({
      stage,
      target,
      make: async (endpoint, options) => {
        const ending = await call(endpoint, { ...options, ...always }, stage);
        // undici looks once more at what came before it uses a connection again.
        await setImmediate();
        return ending;
      },
    });
  } finally {
    await stage.close();
  }
}

/** Compares how a call ended, and what the server saw of it, with what a row expects. */
export function assertEnding(endpoint: Endpoint, expected: string, ending: string, target: Target): void {
  assert.ok(ending.startsWith(expected), `${endpoint} ended with "${ending}" instead of "${expected}"`);
  const { seen, viaProxy } = target;
  const reached = viaProxy === true || !/^unreachable|not sent/.test(ending);
  const attempts = Number(/after (\d+) attempt/.exec(ending)?.[1] ?? 1);
  // Each attempt that got no further than its connection has one of its own.
  if (reached) assert.equal(seen?.requests.length ?? attempts, attempts, "requests");
  else assert.deepEqual([seen?.requests.length ?? 0, seen?.connections ?? attempts], [0, attempts], "connections");
}
