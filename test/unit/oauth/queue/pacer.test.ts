import assert from "node:assert/strict";
import fc from "fast-check";

import { parseRateLimit, type RateLimit } from "../../../../provider/oauth/failure/rate-limit";
import { RequestQueue } from "../../../../provider/oauth/queue/request-queue";
import { retryTimeouts, withRetry, type Outcome, type Result, type Wait } from "../../../../provider/oauth/queue/retry";
import { FakeClock } from "../../../support/fake-clock";
import { seededRandom } from "../../../support/oauth/seeded-random";
import { minute, second } from "../../../support/oauth/times";

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
  /** What a refusal says: how long to wait, the limit itself or another one, other seconds. */
  readonly says?: {
    readonly wait?: boolean;
    readonly limit?: boolean | RateLimit | undefined;
    readonly seconds?: number | undefined;
  };
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
  tookMs = NaN;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#limiter = limiters[rules.limiter]!(rules);
  }

  /** Makes so many calls at once in each process, all of which must succeed. */
  async run(processes: number, calls: number): Promise<this> {
    const failed = (await this.outcomesOf(processes, calls)).filter((outcome) => !("value" in outcome));
    assert.deepEqual(failed, [], this.#named("calls failed"));
    return this;
  }

  async outcomesOf(processes: number, calls: number): Promise<Outcome<string>[]> {
    const { clock } = this;
    if (this.#rules.others !== undefined) void this.#sendOthers(this.#rules.windowMs / this.#rules.others);
    const all = Array.from({ length: processes }, (_, index) => {
      const queue = new RequestQueue(clock);
      const refusals = (this.refusals[index] = []);
      const onWait = (wait: Wait): void => void this.waits.push({ at: clock.monotonic(), wait });
      const attempt = (): Promise<Result<string>> => this.#request(refusals);
      const options = { queue, clock, random: this.#random, timeouts: retryTimeouts(), onWait, attempt };
      return Array.from({ length: calls }, () => withRetry(options));
    });
    const outcomes = await clock.until(Promise.all(all.flat()));
    this.tookMs = clock.monotonic();
    await clock.advance(minute);
    assert.equal(clock.timers, 0, "a timer was left behind");
    return outcomes;
  }

  async #request(refusals: number[]): Promise<Result<string>> {
    const { requests, windowMs, says = {} } = this.#rules;
    await this.#pass(20 + 60 * this.#random());
    const waitMs = this.#decide();
    if (waitMs !== undefined) refusals.push(this.clock.monotonic());
    await this.#pass(20 + 60 * this.#random());
    if (waitMs === undefined) return { value: "done" };
    const retryAfter = says.wait ? { retryAfter: says.seconds ?? Math.ceil(waitMs / 1000) } : {};
    const stated = says.limit === true ? { requests, windowMs } : says.limit;
    const limit = stated ? { limit: stated } : {};
    return { failure: { code: "rate_limited", status: 429, retryable: true, ...retryAfter, ...limit } };
  }

  /** Counts requests of another process at the start. */
  use(requests: number): void {
    for (let left = requests; left > 0; left--) this.#decide();
  }

  async #sendOthers(everyMs: number): Promise<void> {
    await this.#pass(everyMs);
    while (Number.isNaN(this.tookMs)) {
      this.#decide();
      await this.#pass(everyMs);
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

  assertTookAtMost(milliseconds: number): void {
    assert.ok(this.tookMs <= milliseconds, this.#named(`it took ${this.tookMs} instead of ${milliseconds} ms`));
  }

  /** At most eight of a process may be refused before it can know the limit, and then so many in each window. */
  assertRefused(mostInWindow: number): void {
    for (const refusals of this.refusals) {
      const known = (refusals[0] ?? 0) + second;
      const later = refusals.filter((at) => at >= known);
      const windows = later.map((at) => later.filter((other) => other >= at && other < at + 0.95 * minute).length);
      const most = Math.max(0, ...windows);
      const first = refusals.length - later.length;
      assert.ok(first <= 8 && most <= mostInWindow, this.#named(`${first} refused at first, then ${most} in a window`));
    }
  }

  /** After a while, every wait must have estimated well when all calls would have ended. */
  assertEstimated(afterMs: number): void {
    for (const { at, wait } of this.waits.filter(({ at }) => at > afterMs)) {
      const left = this.tookMs - at;
      const isClose = Math.abs(wait.estimateMs! - left) <= 0.1 * left + second;
      assert.ok(isClose, this.#named(`${wait.estimateMs} ms were estimated instead of ${left}`));
    }
  }

  #named(problem: string): string {
    return `${problem}: ${JSON.stringify(this.#rules)}`;
  }
}

/** Any limit that a server can state as the parameters of a token bucket. */
const statedLimit = fc
  .tuple(
    ...([0, 0] as const).map(() => fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.double(), fc.nat(100))),
  )
  .map((numbers) => {
    const body = JSON.stringify({ errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters: ["/", 1, 1, ...numbers] });
    return parseRateLimit({ status: 429, headers: {}, body, complete: true });
  });

/** Servers with a limiter, strict and generous, that say more or less of their limit. */
function serversWith(limiter: string): (Rules & { readonly says: object })[] {
  const sayings = [{ limit: true, wait: true }, { limit: true }, { wait: true }, {}];
  return sayings.flatMap((says) => [10, 50].map((requests) => ({ limiter, requests, windowMs: minute, says })));
}

describe("many calls under a rate limit", () => {
  const windows = 6;
  const ideal = (windows - 1) * minute;
  const nearly = (milliseconds: number): number => 1.03 * milliseconds + second;

  for (const limiter of Object.keys(limiters)) {
    const most = limiter === "a token bucket" ? 2 : 1;

    for (const processes of [1, 2]) {
      it(`take no longer than they must, and are hardly refused: ${limiter}, processes ${processes}`, async () => {
        for (const rules of serversWith(limiter)) {
          const simulation = await new Simulation(rules).run(processes, (windows * rules.requests) / processes);
          simulation.assertTookAtMost(nearly(ideal));
          simulation.assertRefused(processes === 1 && "limit" in rules.says ? 0 : most);
          if (processes === 1) simulation.assertEstimated(1.1 * minute);
        }
      });
    }

    it(`leave others their part, and take all the rest: ${limiter}`, async () => {
      for (const rules of serversWith(limiter)) {
        const { requests } = rules;
        const simulation = new Simulation({ ...rules, others: 0.3 * requests });
        await simulation.run(1, requests + (windows - 1) * 0.7 * requests);
        simulation.assertTookAtMost(nearly((Math.ceil(simulation.used / requests) - 1) * minute));
        simulation.assertRefused(2);
      }
    });
  }

  const tenAMinute = { limiter: "a fixed window", requests: 10, windowMs: minute };

  it("speed up if the limit turns out higher, and estimate by it", async () => {
    for (const says of [{}, { limit: true }]) {
      const simulation = new Simulation({ ...tenAMinute, says });
      simulation.use(7);
      await simulation.run(1, 63);
      simulation.assertTookAtMost(6.1 * minute);
      simulation.assertEstimated(1.2 * minute);
    }
  });

  it("begin again when Retry-After says so if others have used up the limit", async () => {
    for (const limit of [false, true]) {
      const simulation = new Simulation({ ...tenAMinute, says: { limit, wait: true } });
      simulation.use(10);
      await simulation.clock.advance(30 * second);
      await simulation.run(1, 20);
      simulation.assertTookAtMost(2.05 * minute);
    }
  });

  it("are as many at once as a high limit takes", async () => {
    const simulation = new Simulation({ ...tenAMinute, requests: 500, says: { limit: true } });
    (await simulation.run(1, 1_000)).assertTookAtMost(1.5 * minute);
  });

  const hour = 60 * minute;
  const wrongLimits = [
    { requests: 1, windowMs: hour },
    { requests: 5, windowMs: hour },
    { requests: 10, windowMs: minute },
    { requests: 1, windowMs: minute },
    { requests: 2, windowMs: 1_334 },
  ];
  for (const limiter of Object.keys(limiters)) {
    it(`follow what passes if the server states another limit: ${limiter}`, async () => {
      for (const [windowSeconds, mostSeconds] of [
        [1, 5],
        [2, 12],
        [5, 36],
        [10, 50],
        [30, 100],
      ] as const) {
        for (const limit of wrongLimits) {
          const rules = { limiter, requests: 10, windowMs: windowSeconds * second, says: { wait: true, limit } };
          const simulation = await new Simulation(rules).run(1, 25);
          simulation.assertTookAtMost(mostSeconds * second);
          simulation.assertRefused(2);
        }
      }
    });
  }

  it("go on if the server states another limit and others have used it up, or in two processes", async () => {
    for (const limit of wrongLimits) {
      const rules = { ...tenAMinute, windowMs: 2 * second, says: { wait: true, limit } };
      const usedUp = new Simulation(rules);
      usedUp.use(10);
      (await usedUp.run(1, 25)).assertTookAtMost(20 * second);
      (await new Simulation(rules).run(2, 50)).assertTookAtMost(1.5 * minute);
    }
  });

  it("believe what is stated again after a window that had begun before them", async () => {
    const simulation = new Simulation({ ...tenAMinute, says: { wait: true, limit: true } });
    simulation.use(1);
    await simulation.clock.advance(50 * second);
    (await simulation.run(1, 39)).assertTookAtMost(4.1 * minute);
    simulation.assertRefused(1);
  });

  it("always end, and wait for an hour at most, whatever limit there is and whatever is stated", async () => {
    const rules = fc.record({
      limiter: fc.constantFrom(...Object.keys(limiters)),
      requests: fc.integer({ min: 1, max: 12 }),
      windowMs: fc.integer({ min: 1, max: 1.5 * hour }),
      says: fc.record({ wait: fc.boolean(), limit: statedLimit, seconds: fc.constantFrom(undefined, 1, 7_200, 1e12) }),
    });
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 2 }),
        async (rules, calls, n) => {
          const simulation = new Simulation(rules);
          for (const outcome of await simulation.outcomesOf(n, calls)) {
            assert.ok("value" in outcome || ("failure" in outcome && outcome.failure.code === "rate_limited"));
          }
          for (const { wait } of simulation.waits) {
            assert.ok(wait.waitMs >= 0 && wait.waitMs <= hour, String(wait.waitMs));
            assert.ok(wait.givesUpInMs <= 15 * minute && (wait.estimateMs ?? 0) < Infinity, JSON.stringify(wait));
          }
          const successes = n * calls;
          simulation.assertTookAtMost((successes + 1) * 15 * minute + second);
        },
      ),
    );
  });

  it("follow Retry-After if the window is short", async () => {
    const simulation = new Simulation({ ...tenAMinute, windowMs: 5 * second, says: { wait: true } });
    (await simulation.run(1, 60)).assertTookAtMost(35 * second);
  });
});
