import assert from "node:assert/strict";

import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { endpoints } from "../../support/oauth/contract";
import { first, type Act } from "./acts";
import { call } from "./call";
import { http, type Scene, type Target } from "./scene";
import { setEnvironment, Stage } from "./stage";

/** A fault, and how a call ends that meets it: the beginning of what `call` returns, or a pattern. */
export interface Row {
  readonly description: string;
  /** What an http server does about each request. */
  readonly server?: Act;
  /** What there is instead of such a server. */
  readonly scene?: Scene;
  readonly options?: Partial<RevokeTokenOptions>;
  /** When the caller aborts the call, unless the server's script says so. */
  readonly aborted?: "before" | "while it waits";
  /** Requests that the server sees: as many as attempts, or none if Atlas is unreachable, unless a row says otherwise. */
  readonly requests?: number;
  readonly issue?: string | RegExp;
  readonly revoke?: string | RegExp;
}

/** One test for each row, which makes both calls. */
export function testRows(subject: string, rows: readonly Row[]): void {
  describe(subject, () => {
    for (const row of rows) {
      it(row.description, async () => {
        for (const endpoint of endpoints) {
          const expected = row[endpoint];
          if (expected === undefined) continue;
          await play(row, endpoint, expected);
          const { server, ...others } = row;
          const isRetried = String(expected).includes("after 2 attempts");
          // If the fault passes, the second attempt succeeds.
          if (server !== undefined && isRetried && row.aborted === undefined)
            await play({ ...others, server: first(1, server), requests: 2 }, endpoint, /^(?:issued|revoked)$/);
        }
      });
    }
  });
}

async function play(row: Row, endpoint: Endpoint, expected: string | RegExp): Promise<void> {
  const { server, scene = http({ respond: server! }), options, aborted } = row;
  const stage = new Stage();
  const { caller } = stage;
  let target: Target;
  let ending: string;
  try {
    target = await scene(stage);
    stage.onClose(setEnvironment(target.env));
    if (aborted === "before") caller.abort();
    // Not at once: the wait is to have begun.
    const onWait = (): void => {
      if (aborted === "while it waits") process.nextTick(() => caller.abort());
    };
    ending = await call(endpoint, { ...options, baseUrl: target.baseUrl, signal: caller.signal, onWait }, stage);
  } finally {
    await stage.close();
  }
  assertEnding(endpoint, ending, expected);
  assertSeen(target, ending, row.requests);
}

export function assertEnding(endpoint: Endpoint, ending: string, expected: string | RegExp): void {
  const matches = typeof expected === "string" ? ending.startsWith(expected) : expected.test(ending);
  if (!matches) assert.fail(`${endpoint} ended with "${ending}" instead of "${String(expected)}"`);
}

/** Compares the requests and connections that the server saw with the attempts of the call. */
export function assertSeen({ seen }: Target, ending: string, expected?: number): void {
  if (seen === undefined) return;
  const attempts = Number(/after (\d+) attempt/.exec(ending)?.[1] ?? 1);
  const requests = expected ?? (ending.startsWith("unreachable") ? 0 : attempts);
  assert.equal(seen.requests.length, requests, "requests");
  // Each attempt that got no further than its connection has one of its own.
  if (requests === 0) assert.equal(seen.connections, attempts, "connections");
}
