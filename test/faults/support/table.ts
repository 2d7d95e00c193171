import type { Endpoint } from "../../../provider/oauth/endpoint";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../../provider/oauth/client-settings";
import type { RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { endpoints } from "../../support/oauth/contract";
import type { Act } from "./acts";
import { call, settingsFor, type Played } from "./call";
import { check } from "./check";
import { setEnvironment, type Environment } from "./environment";
import type { Expected } from "./expected";
import { http, type Scene, type Target } from "./scene";
import { Stage } from "./stage";
import { watchSurroundings } from "./surroundings";

/** One fault, and what is to come of it. */
export interface Row {
  /** Goes on after "where …". */
  readonly description: string;
  /** What an http server does about each request; tried as a fault that lasts and as one that passes. */
  readonly server?: Act;
  /** Whether the latter is left out, as it adds nothing. */
  readonly lasts?: true;
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
  forEachEndpoint(subject, rows, undefined, (cases) => {
    for (const { title, play } of cases) it(title, play);
  });
}

/** The same for rows that wait for real limits, all of them at the same time and so in the same environment. */
export function testRowsTogether(subject: string, rows: readonly Row[], env?: () => Environment): void {
  forEachEndpoint(subject, rows, env, (cases) => {
    let endings: readonly Promise<unknown>[] = [];
    before(() => {
      endings = cases.map(({ play }) => play().then(undefined, (error: unknown) => ({ error })));
    });
    for (const [index, { title }] of cases.entries()) {
      it(title, async () => {
        const ending = (await endings[index]) as { readonly error: unknown } | undefined;
        if (ending !== undefined) throw ending.error;
      });
    }
  });
}

function forEachEndpoint(
  subject: string,
  rows: readonly Row[],
  env: (() => Environment) | undefined,
  test: (cases: readonly Case[]) => void,
): void {
  for (const endpoint of endpoints) {
    const cases = rows.flatMap((row) => casesOf(row, endpoint));
    if (cases.length === 0) continue;
    describe(`${endpoint}, where ${subject}`, () => {
      watchSurroundings(env);
      test(cases);
    });
  }
}

function casesOf(row: Row, endpoint: Endpoint): Case[] {
  const expected = row[endpoint];
  if (expected === undefined) return [];
  const lasting = { title: `${row.description}: ${inWords(expected)}`, play: () => play(row, endpoint, expected) };
  const mayPass =
    row.server !== undefined && row.lasts !== true && expected.code !== undefined && expected.attempts > 1;
  if (!mayPass) return [lasting];
  const { within, attemptsEnded = 0 } = expected;
  const passes = { within, attempts: 2, attemptsEnded: Math.min(1, attemptsEnded) };
  return [
    lasting,
    { title: `${row.description}, and then is well: ${inWords(passes)}`, play: () => play(row, endpoint, passes, 1) },
  ];
}

function inWords({ code, status, attempts, unrevoked }: Expected): string {
  const ending = code === undefined ? (unrevoked ? "keeps the token for the state" : "succeeds") : code;
  return `${ending}${status === undefined ? "" : ` (${status})`} after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
}

async function play(row: Row, endpoint: Endpoint, expected: Expected, faults?: number): Promise<void> {
  const { limits = DEFAULT_TIMEOUTS } = row;
  const stage = new Stage(limits.attemptMs, faults);
  let target: Target;
  let played: Played;
  try {
    target = await (row.scene ?? http({ respond: row.server! }))(stage);
    if (target.env !== undefined) stage.onClose(setEnvironment(target.env));
    played = await call(endpoint, optionsFor(row, target, stage), settingsFor(stage, limits));
  } finally {
    await stage.close();
  }
  check(endpoint, expected, played, stage, target);
}

function optionsFor(row: Row, { baseUrl }: Target, { caller }: Stage): Parameters<typeof call>[1] {
  if (row.aborted === "before") caller.abort();
  return {
    ...row.options,
    baseUrl,
    signal: caller.signal,
    // Not at once: the wait is to have begun.
    ...(row.aborted === "while it waits" ? { onWait: () => process.nextTick(() => caller.abort()) } : {}),
  };
}
