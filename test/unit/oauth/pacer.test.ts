import assert from "node:assert/strict";

import type { RateLimit } from "../../../provider/oauth/rate-limit";
import { RequestQueue } from "../../../provider/oauth/request-queue";
import { retryTimeouts, withRetry, type Attempt, type Outcome, type Wait } from "../../../provider/oauth/retry";
import { FakeClock } from "../../support/fake-clock";
import { seededRandom } from "../../support/oauth/seeded-random";
import { minute, second } from "../../support/oauth/times";

/** Decides on a request at that time: undefined if it passes, otherwise the milliseconds until one will. */
type Limiter = (now: number) => number | undefined;

const limiters: Readonly<Record<string, (limit: RateLimit) => Limiter>> = {
  "a fixed window": ({ requests, windowMs }) => {
    let start = -Infinity;
    let used = 0;
    return (now) => {
      if (now >= start + windowMs) [start, used] = [now, 0];
      return used++ < requests ? undefined : start + windowMs - now;
    };
  },
  "a sliding log": (limit) => slidingLog(limit, false),
  "a sliding log that counts refusals": (limit) => slidingLog(limit, true),
  "a token bucket": ({ requests, windowMs }) => {
    let tokens = requests;
    let at = 0;
    return (now) => {
      tokens = Math.min(requests, tokens + ((now - at) * requests) / windowMs);
      at = now;
      if (tokens < 1) return ((1 - tokens) * windowMs) / requests;
      tokens--;
      return undefined;
    };
  },
};

function slidingLog({ requests, windowMs }: RateLimit, countsRefusals: boolean): Limiter {
  const log: number[] = [];
  return (now) => {
    const oldest = log.at(-requests) ?? -Infinity;
    const refused = oldest > now - windowMs;
    if (!refused || countsRefusals) log.push(now);
    return refused ? oldest + windowMs - now : undefined;
  };
}

interface Rules extends RateLimit {
  readonly limiter: string;
  /** What a refusal says. */
  readonly says?: { readonly wait?: boolean; readonly limit?: boolean };
  readonly latencyMs?: number;
  /** Requests of others in each window, evenly spread. */
  readonly others?: number;
}

/** A server with a limit, in fake time, and processes that have many calls each. */
class Simulation {
  readonly clock = new FakeClock();
  readonly #random = seededRandom(1);
  readonly #rules: Rules;
  readonly #limiter: Limiter;
  /** What counted against the limit, others' included. */
  used = 0;
  /** When requests of each process were refused. */
  readonly refusals: number[][] = [];
  readonly waits: { readonly at: number; readonly wait: Wait }[] = [];
  #isOver = false;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#limiter = limiters[rules.limiter]!(rules);
  }

  /** Makes so many calls at once in each process, and returns when the last of them ended. */
  async run(processes: number, calls: number): Promise<{ outcomes: Outcome<string>[]; tookMs: number }> {
    const { clock } = this;
    if (this.#rules.others !== undefined) void this.#sendOthers(this.#rules.windowMs / this.#rules.others);
    const all = Array.from({ length: processes }, (_, index) => {
      const queue = new RequestQueue(clock);
      const refusals = (this.refusals[index] = []);
      const onWait = (wait: Wait): void => void this.waits.push({ at: clock.monotonic(), wait });
      const attempt = (): Promise<Attempt<string>> => this.#request(refusals);
      const options = { queue, clock, random: this.#random, timeouts: retryTimeouts(), onWait, attempt };
      return Array.from({ length: calls }, () => withRetry(options));
    });
    const outcomes = await clock.until(Promise.all(all.flat()));
    const tookMs = clock.monotonic();
    this.#isOver = true;
    await clock.advance(minute);
    assert.equal(clock.timers, 0, "a timer was left behind");
    return { outcomes, tookMs };
  }

  async #request(refusals: number[]): Promise<Attempt<string>> {
    const { requests, windowMs, says = {}, latencyMs = 100 } = this.#rules;
    await this.#pass(latencyMs * (0.2 + 0.6 * this.#random()));
    const waitMs = this.#decide();
    if (waitMs !== undefined) refusals.push(this.clock.monotonic());
    await this.#pass(latencyMs * (0.2 + 0.6 * this.#random()));
    if (waitMs === undefined) return { value: "done" };
    const retryAfter = says.wait ? { retryAfter: Math.ceil(waitMs / 1000) } : {};
    const limit = says.limit ? { limit: { requests, windowMs } } : {};
    return { failure: { code: "rate_limited", status: 429, retryable: true, ...retryAfter, ...limit } };
  }

  /** Counts requests of another process at the start. */
  use(requests: number): void {
    for (let left = requests; left > 0; left--) this.#decide();
  }

  async #sendOthers(everyMs: number): Promise<void> {
    for (;;) {
      await this.#pass(everyMs);
      if (this.#isOver) return;
      this.#decide();
    }
  }

  #decide(): number | undefined {
    const waitMs = this.#limiter(this.clock.monotonic());
    if (waitMs === undefined || this.#rules.limiter.includes("refusals")) this.used++;
    return waitMs;
  }

  #pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(milliseconds, resolve));
  }

  /** How many of a process were refused before it could know the limit, and how many at most in a window after that. */
  static count(refusals: readonly number[], windowMs: number): { readonly first: number; readonly later: number } {
    const known = (refusals[0] ?? 0) + second;
    const later = refusals.filter((at) => at >= known);
    const windows = later.map((at) => later.filter((other) => other >= at && other < at + 0.95 * windowMs).length);
    return { first: refusals.length - later.length, later: Math.max(0, ...windows) };
  }
}

const sayings = [
  { says: { limit: true, wait: true }, words: "the limit and Retry-After" },
  { says: { limit: true }, words: "the limit" },
  { says: { wait: true }, words: "Retry-After" },
  { says: {}, words: "nothing" },
];
const windows = 6;

describe("many calls under a rate limit", () => {
  for (const limiter of Object.keys(limiters)) {
    for (const { says, words } of sayings) {
      for (const requests of [10, 50]) {
        const title = `${requests} a minute, ${limiter} that says ${words}`;
        const rules = { limiter, requests, windowMs: minute, says };

        it(`take no longer than they must, and hardly any is refused: ${title}`, async () => {
          const simulation = new Simulation(rules);
          const { outcomes, tookMs } = await simulation.run(1, windows * requests);
          assert.ok(outcomes.every((outcome) => "value" in outcome));
          const { first, later } = Simulation.count(simulation.refusals[0]!, minute);
          assert.ok(first <= 8, `${first} refused at first`);
          assert.ok(later <= (says.limit ? 0 : limiter === "a token bucket" ? 2 : 1), `${later} refused later`);
          const ideal = (windows - 1) * minute;
          assert.ok(tookMs <= 1.03 * ideal + second, `it took ${tookMs} ms instead of ${ideal}`);
          for (const { at, wait } of simulation.waits.filter(({ at }) => at > 1.1 * minute)) {
            const left = tookMs - at;
            assert.ok(Math.abs(wait.estimateMs! - left) <= 0.1 * left + second, `${wait.estimateMs}, not ${left} ms`);
          }
        });

        it(`share the limit with a second process: ${title}`, async () => {
          const simulation = new Simulation(rules);
          const { outcomes, tookMs } = await simulation.run(2, (windows * requests) / 2);
          assert.ok(outcomes.every((outcome) => "value" in outcome));
          for (const refusals of simulation.refusals) {
            const { first, later } = Simulation.count(refusals, minute);
            assert.ok(first <= 8 && later <= (limiter === "a token bucket" ? 2 : 1), `${first}, then ${later} refused`);
          }
          const ideal = (windows - 1) * minute;
          assert.ok(tookMs <= 1.03 * ideal + second, `it took ${tookMs} ms instead of ${ideal}`);
        });

        it(`leave others their part, and take all the rest: ${title}`, async () => {
          const simulation = new Simulation({ ...rules, others: 0.3 * requests });
          const { outcomes, tookMs } = await simulation.run(1, requests + (windows - 1) * 0.7 * requests);
          assert.ok(outcomes.every((outcome) => "value" in outcome));
          const { first, later } = Simulation.count(simulation.refusals[0]!, minute);
          assert.ok(first <= 8 && later <= 2, `${first}, then ${later} refused`);
          const ideal = (Math.ceil(simulation.used / requests) - 1) * minute;
          assert.ok(tookMs <= 1.03 * ideal + second, `it took ${tookMs} ms instead of ${ideal}`);
        });
      }
    }
  }

  it("speed up if the limit turns out higher, and estimate by it", async () => {
    for (const says of [{}, { limit: true }]) {
      const simulation = new Simulation({ limiter: "a fixed window", requests: 10, windowMs: minute, says });
      simulation.use(7);
      const { outcomes, tookMs } = await simulation.run(1, 63);
      assert.ok(outcomes.every((outcome) => "value" in outcome));
      assert.ok(tookMs <= 6.1 * minute, `it took ${tookMs} ms`);
      for (const { at, wait } of simulation.waits.filter(({ at }) => at > 1.2 * minute)) {
        const left = tookMs - at;
        assert.ok(Math.abs(wait.estimateMs! - left) <= 0.1 * left + second, `${wait.estimateMs}, not ${left} ms`);
      }
    }
  });

  it("begin again when Retry-After says so if others have used up the limit", async () => {
    for (const limit of [false, true]) {
      const rules = { limiter: "a fixed window", requests: 10, windowMs: minute, says: { limit, wait: true } };
      const simulation = new Simulation(rules);
      simulation.use(10);
      await simulation.clock.advance(30 * second);
      const { tookMs } = await simulation.run(1, 20);
      assert.ok(tookMs <= 2.05 * minute, `it took ${tookMs} ms`);
    }
  });

  it("are as many at once as a high limit takes", async () => {
    const simulation = new Simulation({
      limiter: "a fixed window",
      requests: 1_000,
      windowMs: minute,
      says: { limit: true },
    });
    const { tookMs } = await simulation.run(1, 2_000);
    assert.ok(tookMs <= 1.5 * minute, `it took ${tookMs} ms`);
  });

  it("follow Retry-After if the window is short", async () => {
    const simulation = new Simulation({
      limiter: "a fixed window",
      requests: 10,
      windowMs: 5 * second,
      says: { wait: true },
    });
    const { tookMs } = await simulation.run(1, 60);
    assert.ok(tookMs <= 35 * second, `it took ${tookMs} ms`);
  });
});
