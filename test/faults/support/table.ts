import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";

import { DEFAULT_TIMEOUTS, type Timeouts } from "../../../provider/oauth/client-settings";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import { isAtlasOAuthError } from "../../../provider/oauth/error";
import type { IssuedToken } from "../../../provider/oauth/issue";
import type { RevokeResult, RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { endpoints } from "../../support/oauth/contract";
import type { Act } from "./acts";
import type { Expected } from "./expected";
import { http, type Scene, type Target } from "./scene";
import { assertTellsNoSecret, issuedToken } from "./secrets";
import { call, setEnvironment, settingsFor, Stage, type Played } from "./stage";

/** One fault, and what is to come of it. */
export interface Row {
  readonly description: string;
  /** What an http server does about each request; tried as a fault that lasts and as one that passes. */
  readonly server?: Act;
  /** What there is instead of such a server. */
  readonly scene?: Scene;
  readonly limits?: Timeouts;
  readonly options?: Partial<RevokeTokenOptions>;
  /** When the caller ends the call, unless the server's script says so. */
  readonly aborted?: "before" | "while it waits";
  readonly issue?: Expected;
  readonly revoke?: Expected;
}

interface Case {
  readonly title: string;
  readonly play: () => Promise<void>;
}

/** One `it` for each row and endpoint. */
export function testRows(subject: string, rows: readonly Row[]): void {
  forEachEndpoint(subject, rows, (cases) => {
    for (const { title, play } of cases) it(title, play);
  });
}

/** The same for rows that wait for real timeouts, all of them at the same time. */
export function testRowsTogether(subject: string, rows: readonly Row[]): void {
  forEachEndpoint(subject, rows, (cases) => {
    let endings: readonly PromiseSettledResult<void>[] = [];
    before(async () => {
      endings = await Promise.allSettled(cases.map(({ play }) => play()));
    });
    for (const [index, { title }] of cases.entries()) {
      it(title, () => {
        const ending = endings[index];
        if (ending?.status !== "fulfilled") throw ending?.reason as Error;
      });
    }
  });
}

function forEachEndpoint(subject: string, rows: readonly Row[], test: (cases: readonly Case[]) => void): void {
  for (const endpoint of endpoints) {
    describe(`${endpoint}: ${subject}`, () => {
      watchProcess();
      test(rows.flatMap((row) => casesOf(row, endpoint)));
    });
  }
}

/** Fails a test in which a rejection went unhandled or Node.js warned, and hides the machine's own proxies from all. */
export function watchProcess(): void {
  let restore: () => void = () => undefined;
  const seen: string[] = [];
  const note = (problem: unknown): void => {
    // Node.js tells whoever set that variable, once a process.
    if (!String(problem).includes("NODE_TLS_REJECT_UNAUTHORIZED")) seen.push(String(problem));
  };
  before(() => {
    restore = setEnvironment();
    process.on("unhandledRejection", note).on("warning", note);
  });
  afterEach(async () => {
    await setImmediate();
    assert.deepEqual(seen.splice(0), []);
  });
  after(() => {
    process.off("unhandledRejection", note).off("warning", note);
    restore();
  });
}

function casesOf(row: Row, endpoint: Endpoint): Case[] {
  const expected = row[endpoint];
  if (expected === undefined) return [];
  const { description, server, aborted } = row;
  const { code, status, attempts, attemptsEnded = 0 } = expected;
  const ending = code === undefined ? "succeeds" : `${code}${status === undefined ? "" : ` (${status})`}`;
  const lasting = {
    title: `${description}: ${ending} after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`,
    play: () => play(row, endpoint, expected),
  };
  if (server === undefined || aborted !== undefined || code === undefined || attempts < 2) return [lasting];
  const passing = { within: expected.within, attempts: 2, attemptsEnded: Math.min(1, attemptsEnded) };
  return [
    lasting,
    { title: `${description}, and then is well: succeeds`, play: () => play(row, endpoint, passing, 1) },
  ];
}

async function play(row: Row, endpoint: Endpoint, expected: Expected, faults?: number): Promise<void> {
  const { limits = DEFAULT_TIMEOUTS, aborted, options } = row;
  const stage = new Stage(limits.attemptMs, faults);
  const { caller } = stage;
  let target: Target;
  let played: Played;
  try {
    target = await (row.scene ?? http({ respond: row.server! }))(stage);
    if (target.env !== undefined) stage.onClose(setEnvironment(target.env));
    if (aborted === "before") caller.abort();
    // Not at once: the wait is to have begun.
    const onWait = (): void => {
      if (aborted === "while it waits") process.nextTick(() => caller.abort());
    };
    const all = { ...options, baseUrl: target.baseUrl, signal: caller.signal, onWait };
    played = await call(endpoint, all, settingsFor(stage, limits));
  } finally {
    await stage.close();
  }
  check(endpoint, expected, played, stage);
  checkSeen(expected, target);
  target.afterwards?.();
}

/** Compares what a call came to with what is expected. */
export function check(endpoint: Endpoint, expected: Expected, { outcome, waits }: Played, stage: Stage): void {
  assertTellsNoSecret(waits);
  if (expected.code !== undefined) {
    assert.ok("error" in outcome, "it succeeded");
    checkError(endpoint, expected, outcome.error, stage);
  } else if ("error" in outcome) {
    throw outcome.error as Error;
  } else if (endpoint === "issue") {
    const { accessToken, tokenType } = outcome.result as IssuedToken;
    assert.deepEqual({ accessToken, tokenType }, { accessToken: issuedToken, tokenType: "Bearer" });
  } else {
    assert.equal((outcome.result as RevokeResult).outcome, "revoked");
  }
  // All the time that passed was spent in waits that were announced.
  const { clock, caller } = stage;
  const elapsed = clock.monotonic();
  const announced = waits.reduce((sum, { waitMs }) => sum + waitMs, 0);
  assert.equal(elapsed, caller.signal.aborted ? 0 : announced);
  assert.ok(elapsed <= expected.within, `it took ${elapsed} ms`);
  assert.equal(clock.attemptsEnded, expected.attemptsEnded ?? 0);
  assert.deepEqual(getEventListeners(caller.signal, "abort"), [], "listeners are left at the caller's signal");
}

function checkError(endpoint: Endpoint, expected: Expected, error: unknown, { clock }: Stage): void {
  assert.ok(isAtlasOAuthError(error), `an error of another kind: ${String(error)}`);
  assertTellsNoSecret(error);
  const { code, status = 0, attempts, cause, description } = expected;
  // A token may have been issued if there was no response, or one that is not a refusal.
  const open = code === "no_response" || (status >= 200 && status < 300) || (status >= 500 && status !== 503);
  assert.deepEqual(
    {
      endpoint: error.endpoint,
      code: error.code,
      status: error.status,
      attempts: error.attempts,
      retryable: error.retryable,
      mayHaveIssued: error.mayHaveIssued,
      sent: "sent" in error ? error.sent : undefined,
      elapsedMs: error.elapsedMs,
    },
    {
      endpoint,
      code,
      status: expected.status,
      attempts,
      retryable: expected.retryable ?? attempts > 1,
      mayHaveIssued: expected.mayHaveIssued ?? (endpoint === "issue" && open),
      sent: expected.sent,
      elapsedMs: clock.monotonic(),
    },
  );
  if (cause !== undefined) assert.equal(error.cause?.code ?? error.cause?.name, cause);
  if (description !== undefined) assert.match(error.description ?? "", description);
}

/** Compares what the server saw of a call with what is expected. */
export function checkSeen(expected: Expected, { seen }: Target): void {
  if (seen === undefined) return;
  const { code, attempts, requests = code === "unreachable" ? 0 : attempts } = expected;
  assert.equal(seen.requests.length, requests, "requests");
  // Each attempt that got no further than its connection has one of its own.
  const connections = expected.connections ?? (requests === 0 ? attempts : seen.connections);
  assert.equal(seen.connections, connections, "connections");
}
