import assert from "node:assert/strict";
import fc from "fast-check";

import { announceWaits } from "../../../provider/announce-waits";
import { RequestQueue } from "../../../provider/oauth/request-queue";
import { retryTimeouts, withRetry, type Outcome, type Wait } from "../../../provider/oauth/retry";
import { FakeClock } from "../../support/fake-clock";
import { passTime } from "../../support/oauth/pass-time";
import { seededRandom } from "../../support/oauth/seeded-random";
import { SimulatedAtlas, type Rules } from "../../support/oauth/simulated-atlas";
import { minute } from "../../support/oauth/times";

/** One process: its calls share a gate. */
class Process {
  readonly waits: Wait[] = [];
  /** What a person reads meanwhile, and when. */
  readonly lines: { readonly at: number; readonly text: string }[] = [];
  readonly #announce: (wait: Wait) => void;
  readonly #gate: RequestQueue;
  readonly #clock: FakeClock;
  readonly #random: () => number;

  constructor(clock: FakeClock, random: () => number) {
    this.#gate = new RequestQueue(clock);
    this.#clock = clock;
    this.#random = random;
    const announce = announceWaits(clock, (text) => void this.lines.push({ at: clock.monotonic(), text }));
    const whose = { endpoint: "revoke", origin: "https://atlas.example", clientId: "fake-client" } as const;
    this.#announce = (wait) => announce({ ...wait, ...whose });
  }

  call(atlas: SimulatedAtlas): Promise<Outcome<string>> {
    return withRetry({
      queue: this.#gate,
      clock: this.#clock,
      random: this.#random,
      timeouts: retryTimeouts(),
      onWait: (wait) => {
        this.waits.push(wait);
        this.#announce(wait);
      },
      attempt: atlas.request,
    });
  }
}

interface Run {
  readonly calls: number;
  readonly processes?: number;
  readonly rules?: Partial<Rules>;
  readonly seed?: number;
}

/** Makes calls, as many at once in each process, until all have ended. */
async function makeCalls({ calls, processes = 1, rules = {}, seed = 1 }: Run): Promise<{
  atlas: SimulatedAtlas;
  tookMs: number;
  waits: Wait[];
  lines: Process["lines"];
  failed: number;
}> {
  const clock = new FakeClock();
  const random = seededRandom(seed);
  const atlas = new SimulatedAtlas(clock, { latencyMs: () => 50 + 200 * random(), ...rules });
  const all = Array.from({ length: processes }, () => new Process(clock, random));
  const outcomes = await passTime(
    clock,
    Promise.all(all.flatMap((process) => Array.from({ length: calls }, () => process.call(atlas)))),
  );
  const tookMs = clock.monotonic();
  // No line may come before that, but nothing else is waited for.
  await clock.advance(15_000);
  assert.equal(clock.timers, 0, "a timer was left behind");
  const failed = outcomes.filter((outcome) => "failure" in outcome).length;
  return { atlas, tookMs, waits: all.flatMap(({ waits }) => waits), lines: all.flatMap(({ lines }) => lines), failed };
}

describe("many calls under a rate limit", () => {
  const rows = [
    { calls: 1, limit: 10, windows: 1 },
    { calls: 10, limit: 10, windows: 1 },
    { calls: 11, limit: 10, windows: 2 },
    { calls: 60, limit: 10, windows: 6 },
    { calls: 60, limit: 50, windows: 2 },
    { calls: 60, limit: 1, windows: 60 },
    { calls: 200, limit: 10, windows: 20 },
  ];
  for (const { calls, limit, windows } of rows) {
    it(`${calls} with ${limit} a minute succeed in ${windows} windows, the least that the limit allows`, async () => {
      const { atlas, tookMs, failed } = await makeCalls({ calls, rules: { limit } });
      assert.equal(failed, 0);
      assert.equal(atlas.windows.length, windows);
      for (const window of atlas.windows)
        assert.ok(window.refused <= RequestQueue.MAX_CONCURRENT, JSON.stringify(window));
      // Each window but the last costs its minute, and the second that Retry-After is rounded up and spread by.
      assert.ok(tookMs < (windows - 1) * (minute + 2_500) + 10_000, String(tookMs));
    });
  }

  it("succeed for any limit, latency and luck, in the least windows and with few refusals", async () => {
    const anyRun = fc.record({
      calls: fc.integer({ min: 1, max: 80 }),
      limit: fc.integer({ min: 1, max: 50 }),
      latency: fc.integer({ min: 0, max: 5_000 }),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ calls, limit, latency, seed }) => {
        const random = seededRandom(seed);
        const { atlas, failed } = await makeCalls({
          calls,
          seed,
          rules: { limit, latencyMs: () => latency * random() },
        });
        assert.equal(failed, 0);
        assert.equal(atlas.windows.length, Math.ceil(calls / limit));
        for (const window of atlas.windows) assert.ok(window.refused <= RequestQueue.MAX_CONCURRENT);
      }),
      { numRuns: 30 },
    );
  });

  it("succeed where a refusal does not say how long to wait", async () => {
    const { atlas, failed } = await makeCalls({ calls: 60, rules: { tells: false } });
    assert.equal(failed, 0);
    assert.equal(atlas.windows.length, 6);
  });

  for (const tells of [true, false]) {
    it(`of two processes at the same time all succeed, ${tells ? "with" : "without"} Retry-After`, async () => {
      const { atlas, failed } = await makeCalls({ calls: 30, processes: 2, rules: { tells } });
      assert.equal(failed, 0);
      assert.equal(atlas.windows.length, 6);
      if (tells) for (const window of atlas.windows) assert.ok(window.refused <= 2 * RequestQueue.MAX_CONCURRENT);
    });
  }

  it("of two processes succeed for any luck", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 5, max: 12 }), async (seed, limit) => {
        const { failed } = await makeCalls({ calls: 25, processes: 2, seed, rules: { limit } });
        assert.equal(failed, 0);
      }),
      { numRuns: 20 },
    );
  });

  it("let a person read four times a minute how many are left, and when all will be done", async () => {
    const { tookMs: end, lines } = await makeCalls({ calls: 60 });
    assert.ok(lines.length >= 20, `${lines.length} lines in ${end} ms`);
    for (const [index, { at, text }] of lines.entries()) {
      if (index > 0) assert.ok(at - lines[index - 1]!.at >= 15_000, text);
      const [, pending, succeeded, amount, unit] =
        /^Waiting \d+ s to revoke (\d+) tokens .*; (\d+) revoked so far, about (\d+) (s|min) for these/.exec(text) ??
        [];
      assert.equal(Number(pending) + Number(succeeded), 60, text);
      const told = Number(amount) * (unit === "s" ? 1_000 : minute);
      const left = end - at;
      // Told in whole minutes; and where one of ten is not back yet when the next is refused, the pace looks slower.
      assert.ok(Math.abs(told - left) <= minute / 2 + 0.15 * left, `${text}, and it was ${left} ms`);
    }
  });

  it("tell how many wait, how many succeeded and about how long it may still take", async () => {
    const { waits } = await makeCalls({ calls: 60 });
    const told = waits.map(({ pending, succeeded, code }) => ({ total: pending + succeeded, code }));
    for (const each of told) assert.deepEqual(each, { total: 60, code: "rate_limited" });
    // At each refusal: as many minutes as windows are left, and a little more.
    for (const { succeeded, estimateMs = NaN } of waits) {
      const left = (6 - succeeded / 10) * minute;
      assert.ok(estimateMs >= left && estimateMs <= left * 1.1, `${succeeded} succeeded: ${estimateMs}`);
    }
  });
});
