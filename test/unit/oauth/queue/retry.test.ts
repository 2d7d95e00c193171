import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import type { AtlasOAuthFailure, Failure } from "../../../../provider/oauth/failure/failure";
import { RequestQueue } from "../../../../provider/oauth/queue/request-queue";
import {
  retryTimeouts,
  withRetry,
  type Result,
  type Outcome,
  type RetryOptions,
  type Wait,
} from "../../../../provider/oauth/queue/retry";
import { FakeClock } from "../../../support/fake-clock";
import { day, minute, second } from "../../../support/oauth/times";

type MakeAttempt = RetryOptions<string>["attempt"];
type Options = Partial<RetryOptions<string>>;

/** A failure that is retried, with a Retry-After in seconds if one is given. */
function retried(failure: AtlasOAuthFailure, retryAfter?: number): Failure {
  return { ...failure, retryable: true, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

const rateLimited = (retryAfter?: number): Failure => retried({ code: "rate_limited", status: 429 }, retryAfter);
const unavailable = (retryAfter?: number): Failure => retried({ code: "service_unavailable", status: 503 }, retryAfter);
const serverError = (retryAfter?: number): Failure => retried({ code: "server_error", status: 500 }, retryAfter);
const unreached = retried({ code: "unreachable" });
const unreachable = (code: string): Failure => ({ ...unreached, cause: { name: "Error", code } });
const badGateway = retried({ code: "unexpected_response", status: 502 });
const noResponse = retried({ code: "no_response" });
const rejected: Failure = { code: "invalid_client", status: 401, retryable: false };
const done = { value: "done" };

/** The largest number that `Math.random` may return. */
const almostOne = 1 - Number.EPSILON / 2;
const hour = 60 * minute;
const yearInSeconds = 365 * 24 * 3600;

function describeFailure({ code, cause, retryAfter }: Failure): string {
  return [code, cause?.code, retryAfter].filter((part) => part !== undefined).join(" ");
}

describe("withRetry", () => {
  let clock: FakeClock;
  let queue: RequestQueue;
  let waits: Wait[];
  beforeEach(() => {
    clock = new FakeClock();
    queue = new RequestQueue(clock);
    waits = [];
  });
  afterEach(() => {
    assert.equal(clock.timers, 0, "a timer was left behind");
    assert.equal(queue.pending, 0, "a call did not give its place back");
  });

  /** Starts a call, whose waits are the shortest unless an option says otherwise. */
  function start(attempt: MakeAttempt, options: Options = {}): Promise<Outcome<string>> {
    const onWait = (wait: Wait): void => void waits.push(wait);
    return withRetry({ queue, clock, random: () => 0, timeouts: retryTimeouts(), onWait, attempt, ...options });
  }

  /** Starts a call and lets time pass until it has ended. */
  function run(attempt: MakeAttempt, options: Options = {}): Promise<Outcome<string>> {
    return clock.until(start(attempt, options));
  }

  function startMany(count: number, attempt: MakeAttempt): Promise<Outcome<string>>[] {
    return Array.from({ length: count }, () => start(attempt));
  }

  /** Attempts that fail like this, in order, and then succeed. */
  function failing(...sequence: readonly Failure[]): MakeAttempt {
    const left = [...sequence];
    return () => {
      const failure = left.shift();
      return Promise.resolve(failure === undefined ? done : { failure });
    };
  }

  /** Attempts that fail like this for ever, each after some time. */
  function always(failure: Failure, afterMs = 0): MakeAttempt {
    return async () => {
      if (afterMs > 0) await new Promise<void>((resolve) => void clock.after(afterMs, resolve));
      return { failure };
    };
  }

  /** An attempt that hangs until its end is known. */
  function hanging(): { readonly attempt: MakeAttempt; end(result: Result<string>): void } {
    let end: (result: Result<string>) => void = () => undefined;
    const ended = new Promise<Result<string>>((resolve) => (end = resolve));
    return { attempt: () => ended, end: (result) => end(result) };
  }

  function waitTimes(): number[] {
    return waits.map(({ waitMs }) => Math.round(waitMs));
  }

  it("returns what the first attempt brings", async () => {
    assert.deepEqual(await run(failing()), { value: "done", attempts: 1 });
    assert.deepEqual(await run(always(rejected)), { failure: rejected, attempts: 1 });
    assert.deepEqual([waits, clock.monotonic(), queue.succeeded], [[], 0, 1]);
  });

  it("gives its place back if an attempt throws", async () => {
    const broken = new Error("broken");
    const running = run(() => Promise.reject(broken));
    await assert.rejects(running, broken);
    assert.deepEqual(await run(failing()), { value: "done", attempts: 1 });
  });

  describe("pauses the queue", () => {
    for (const [failure, others] of [
      [rateLimited(42), 42_000],
      [rateLimited(), minute],
      [unavailable(42), 42_000],
      [unavailable(), 0],
      [serverError(42), 0],
      [noResponse, 0],
      [unreachable("ECONNREFUSED"), 0],
    ] as const) {
      it(`for ${others} ms after ${describeFailure(failure)}`, async () => {
        const refused = start(failing(failure));
        await clock.advance(0);
        let sentAt: number | undefined;
        const other = start(() => {
          sentAt ??= clock.monotonic();
          return Promise.resolve(done);
        });
        await clock.until(Promise.all([refused, other]));
        // Under a rate limit, the calls are sent one by one.
        assert.equal(sentAt, failure.code === "rate_limited" ? clock.monotonic() : others);
        assert.ok(sentAt >= others);
        assert.ok(waits.every(({ code }) => code === failure.code));
      });
    }

    it("before another call can take the place of the refused one", async () => {
      const order: string[] = [];
      const named = (name: string, attempt: MakeAttempt) => () => (order.push(name), attempt());
      const first = Array.from("abcdefgh", (name) => start(named(name, failing(unavailable(1)))));
      const queued = Array.from("ij", (name) => start(named(name, failing())));
      await clock.until(Promise.all([...first, ...queued]));
      assert.equal(order.join(""), "abcdefgh" + "abcdefgh" + "ij");
    });
  });

  describe("waits", () => {
    for (const failure of [serverError(), noResponse, badGateway, unavailable(), unreachable("EHOSTUNREACH")]) {
      it(`between 0.5 s and a cap that doubles from 1 s to 30 s: ${describeFailure(failure)}`, async () => {
        for (const [random, expected] of [
          [0, [500, 500, 500, 500, 500, 500, 500]],
          [0.5, [750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250]],
          [almostOne, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
        ] as const) {
          waits = [];
          await run(failing(...expected.map(() => failure)), { random: () => random });
          assert.deepEqual(waitTimes(), expected);
        }
      });
    }

    for (const [failure, random, waitMs] of [
      [rateLimited(0), 0, 500],
      [rateLimited(42), almostOne, 42_000],
      [unavailable(0), 0, 500],
      [unavailable(42), almostOne, 43_000],
      [serverError(0), 0, 500],
      [serverError(42), almostOne, 43_000],
    ] as const) {
      it(`for ${waitMs} ms after ${describeFailure(failure)}, if the random number is ${Math.round(random)}`, async () => {
        await run(failing(failure), { random: () => random });
        assert.deepEqual(waitTimes(), [waitMs]);
      });
    }

    it("between 0.5 s and that cap if the stated limit lets everything through, and Retry-After is missing", async () => {
      const refused = { ...rateLimited(), limit: { requests: 10_000, windowMs: 1 } };
      await run(failing(...Array.from({ length: 7 }, () => refused)), { random: () => almostOne });
      assert.deepEqual(waitTimes(), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    });

    it("up to a second longer than Retry-After at most once for all calls that fail together", async () => {
      const numbers = [0.25, 0.5, 0.75, 0.9];
      const random = (): number => numbers.shift() ?? 1;
      await clock.until(Promise.all(Array.from({ length: 8 }, () => start(failing(unavailable(42)), { random }))));
      assert.equal(clock.monotonic(), 42_250);
    });

    it("as long after each kind of failure as if there had been no other kind", async () => {
      const sequence = [serverError(), unavailable(3), serverError(), unavailable(3), serverError()];
      await run(failing(...sequence), { random: () => almostOne });
      assert.deepEqual(waitTimes(), [1_000, 4_000, 2_000, 4_000, 4_000]);
    });
  });

  describe("reports a wait", () => {
    it("with its code, its time, how many are pending, how many succeeded, and when it gives up", async () => {
      await clock.until(Promise.all(startMany(12, failing())));
      await run(failing(serverError(), rateLimited(42)));
      const expected = { pending: 1, succeeded: 12 };
      assert.deepEqual(waits, [
        { code: "server_error", waitMs: 500, givesUpInMs: 300_000, ...expected },
        { code: "rate_limited", waitMs: 42_000, estimateMs: 42_000, givesUpInMs: 899_500, ...expected },
      ]);
    });

    it("to a call that finds the queue paused, with the reason", async () => {
      queue.fail(unavailable(1), 42 * second);
      await clock.advance(2 * second);
      await run(failing());
      const wait = { code: "service_unavailable", waitMs: 40_000, pending: 1, succeeded: 0, givesUpInMs: 5 * minute };
      assert.deepEqual(waits, [wait]);
    });

    it("of an hour at most, whatever Retry-After says", async () => {
      for (const failure of [rateLimited(7200), unavailable(7200), serverError(7200)]) {
        waits = [];
        await run(failing(failure), { timeouts: retryTimeouts(3 * hour) });
        assert.deepEqual(waitTimes(), [hour]);
      }
    });

    it("no longer than until the token has expired", async () => {
      const end = clock.now() + minute;
      await run(always(rateLimited(120)), { remainingMs: () => end - clock.now() });
      queue.fail(unavailable(1), day);
      await run(always(rejected), { remainingMs: () => end + minute - clock.now() });
      assert.deepEqual(waitTimes(), [minute, minute]);
    });
  });

  describe("gives up", () => {
    // With the shortest waits: one more would go beyond the timeout.
    for (const [failure, timeout, wait] of [
      [unreachable("ECONNREFUSED"), 30 * second, 500],
      [unreachable("ENOTFOUND"), 30 * second, 500],
      [unreachable("EAI_AGAIN"), 30 * second, 500],
      [unreachable("UND_ERR_CONNECT_TIMEOUT"), 5 * minute, 500],
      [serverError(), 5 * minute, 500],
      [noResponse, 5 * minute, 500],
      [unavailable(7), 5 * minute, 7 * second],
      [rateLimited(60), 15 * minute, minute],
    ] as const) {
      it(`after ${timeout / second} s: ${describeFailure(failure)}`, async () => {
        assert.deepEqual(await run(always(failure)), { failure, attempts: Math.floor(timeout / wait) + 1 });
        assert.ok(clock.monotonic() <= timeout);
      });
    }

    it("at once if the timeout is 0", async () => {
      for (const failure of [serverError(), unreachable("ENOTFOUND"), unavailable(1), rateLimited(1), rateLimited()]) {
        queue = new RequestQueue(clock);
        assert.deepEqual(await run(always(failure), { timeouts: retryTimeouts(0) }), { failure, attempts: 1 });
      }
      assert.deepEqual([clock.monotonic(), waits], [0, []]);
    });

    it("counts the time in which it waits for its turn", async () => {
      queue.fail(unavailable(1), 4 * minute);
      await run(always(serverError()));
      assert.equal(clock.monotonic(), 5 * minute);
    });

    it("though others succeed, if it always gets a 500", async () => {
      let ended: Outcome<string> | undefined;
      void start(always(serverError())).then((outcome) => (ended = outcome));
      while (ended === undefined && clock.monotonic() < 10 * minute) {
        await run(failing());
        await clock.advance(second);
      }
      assert.deepEqual(ended, { failure: serverError(), attempts: 601 });
      assert.ok(clock.monotonic() <= 5 * minute + second);
    });

    it("counted from the latest success of the queue before its own first attempt", async () => {
      queue.fail(unavailable(1), 4 * minute);
      const unlucky = start(always(serverError()));
      await clock.advance(3 * minute);
      queue.succeed(0);
      assert.ok("failure" in (await clock.until(unlucky)));
      assert.equal(clock.monotonic(), 8 * minute);
    });

    it("counted from the latest success of the queue, under the rate limit", async () => {
      const unlucky = start(always(rateLimited(42)));
      for (let successes = 0; successes < 2; successes++) {
        await clock.advance(10 * minute);
        // For example, because another process has used less of the limit.
        queue.succeed(0);
      }
      assert.ok("failure" in (await clock.until(unlucky)));
      const end = clock.monotonic();
      assert.ok(end > 34 * minute && end <= 35 * minute, String(end));
    });

    it("counted from a success after the latest refusal, if the limit holds it back for longer", async () => {
      const limit = { requests: 1, windowMs: hour };
      const hung = hanging();
      const first = start(hung.attempt);
      const last = start(always({ ...rateLimited(), limit }));
      await clock.advance(minute);
      hung.end(done);
      await first;
      const outcome = await clock.until(last);
      assert.deepEqual(outcome, { failure: { ...rateLimited(), limit }, attempts: 1 });
      assert.equal(clock.monotonic(), 16 * minute);
    });

    it("counted from its start, if the latest success is older", async () => {
      queue.succeed(0);
      await clock.advance(day);
      await run(always(rateLimited(60)));
      assert.equal(clock.monotonic(), day + 15 * minute);
    });

    it("while it waits for its turn, without an attempt, unless others succeeded after the latest failure", async () => {
      for (const [succeeded, outcome] of [
        [false, { failure: serverError(), attempts: 0 }],
        [true, { value: "done", attempts: 1 }],
      ] as const) {
        queue = new RequestQueue(clock);
        const hung = hanging();
        const first = startMany(8, hung.attempt);
        queue.fail(serverError(), undefined);
        if (succeeded) queue.succeed(0);
        const last = start(failing());
        await clock.advance(6 * minute);
        hung.end(done);
        assert.deepEqual(await last, outcome);
        await Promise.all(first);
      }
    });

    for (const failure of [rateLimited(901), rateLimited(Infinity), unavailable(301), serverError(yearInSeconds)]) {
      it(`at once if Retry-After is longer than that, without a pause: ${describeFailure(failure)}`, async () => {
        assert.deepEqual(await run(always(failure)), { failure, attempts: 1 });
        assert.deepEqual([clock.monotonic(), queue.pausedForMs, waits], [0, 0, []]);
      });
    }

    it("not if Retry-After is just within it", async () => {
      assert.deepEqual(await run(failing(rateLimited(900))), { value: "done", attempts: 2 });
      assert.deepEqual(await run(failing(unavailable(300))), { value: "done", attempts: 2 });
    });

    for (const [description, failure, attemptMs, within] of [
      ["a limit that never ends", rateLimited(60), 0, 15 * minute],
      ["a limit that never ends and names no wait", rateLimited(), 0, 15 * minute],
      ["503 with Retry-After: 60", unavailable(60), 0, 5 * minute],
      // Nothing begins after the five minutes; what has begun may end.
      ["a black hole", noResponse, 45 * second, 5 * minute + 45 * second],
    ] as const) {
      it(`when it said, also as the last of a hundred calls: ${description}`, async () => {
        const promised: number[] = [];
        const onWait = ({ givesUpInMs }: Wait): void => void promised.push(clock.monotonic() + givesUpInMs);
        const ends = Array.from({ length: 100 }, async () => {
          const outcome = await start(always(failure, attemptMs), { onWait });
          return { outcome, at: clock.monotonic() };
        });
        for (const { outcome, at } of await clock.until(Promise.all(ends))) {
          assert.ok("failure" in outcome && outcome.failure.retryable, JSON.stringify(outcome));
          assert.ok(at <= within && at >= 0.7 * within, `${at} of ${within} ms`);
        }
        assert.ok(Math.max(...promised) <= within, `${Math.max(...promised)} was promised`);
      });
    }
  });

  describe("knows that its token has expired", () => {
    const expired = (outcome: object): void => assert.ok("expired" in outcome, JSON.stringify(outcome));
    const at = (time: number): { remainingMs: () => number } => ({ remainingMs: () => time - clock.now() });
    const inAMinute = (): { remainingMs: () => number } => at(clock.now() + minute);

    it("before it begins", async () => expired(await run(always(rejected), at(clock.now()))));

    for (const failure of [serverError(), rateLimited(42), rateLimited(yearInSeconds), unavailable(Infinity)]) {
      it(`while it waits after ${describeFailure(failure)}`, async () => {
        expired(await run(always(failure), inAMinute()));
        assert.equal(clock.monotonic(), minute);
        assert.ok(queue.pausedForMs < 15 * minute, "others would wait longer than any of them may");
      });
    }

    it("while the queue is paused or full, without an attempt", async () => {
      const hung = hanging();
      const first = startMany(8, hung.attempt);
      expired(await run(always(rejected), inAMinute()));
      hung.end(done);
      await Promise.all(first);
      queue.fail(unavailable(1), day);
      expired(await run(always(rejected), inAMinute()));
      assert.equal(clock.monotonic(), 2 * minute);
    });

    it("during an attempt, unless that succeeds", async () => {
      for (const result of [{ failure: rejected }, done]) {
        const hung = hanging();
        const call = start(hung.attempt, inAMinute());
        await clock.advance(minute);
        hung.end(result);
        assert.equal("expired" in (await call), result !== done);
      }
    });

    it("by the wall clock, even if somebody sets it", async () => {
      const call = start(failing(serverError(42)), inAMinute());
      await clock.advance(second);
      clock.wallOffset = 2 * minute;
      expired(await clock.until(call));
    });

    it("only if it has not failed before", async () => {
      const outcome = await run(always(serverError()), at(clock.now() + 10 * minute));
      assert.deepEqual(outcome, { failure: serverError(), attempts: 601 });
      assert.deepEqual(await run(always(rejected), inAMinute()), { failure: rejected, attempts: 1 });
    });
  });

  describe("ends when it is aborted", () => {
    const aborted = (sent: boolean): Failure => ({ code: "aborted", sent, retryable: false });

    for (const [during, failure, sent, attempts] of [
      ["in the queue", rejected, false, 0],
      ["in the queue, after a refusal", rateLimited(42), false, 1],
      ["in the queue, after nothing could be done", unavailable(42), false, 1],
      ["in a backoff, after a response", serverError(42), true, 1],
      ["in a backoff, after nothing was sent", { ...unreachable("ECONNREFUSED"), retryAfter: 20 }, false, 1],
    ] as const) {
      for (const name of ["signal", "waitSignal"]) {
        it(`${during}, at once and without a listener or a timer left: ${name}`, async () => {
          const controller = new AbortController();
          if (attempts === 0) queue.fail(unavailable(1), minute);
          const call = start(always(failure), { [name]: controller.signal });
          await clock.advance(10 * second);
          assert.equal(getEventListeners(controller.signal, "abort").length, 1);
          controller.abort();
          assert.deepEqual(await call, { failure: aborted(sent), attempts });
          assert.equal(getEventListeners(controller.signal, "abort").length, 0);
          assert.equal(clock.timers, 0);
        });
      }
    }

    it("during an attempt, and knows whether that or an earlier one may have been processed", async () => {
      for (const sent of [true, false]) {
        assert.deepEqual(await run(always(aborted(sent))), { failure: aborted(sent), attempts: 1 });
        for (const [earlier, maySent] of [
          [serverError(), true],
          [noResponse, true],
          [badGateway, true],
          [rateLimited(), sent],
          [unavailable(), sent],
          [unreached, sent],
        ] as const) {
          queue = new RequestQueue(clock);
          const outcome = await run(failing(earlier, aborted(sent)));
          assert.deepEqual(outcome, { failure: aborted(maySent), attempts: 2 }, describeFailure(earlier));
        }
      }
    });

    for (const [end, result, expected] of [
      ["succeeds", done, done],
      ["is rejected", { failure: rejected }, { failure: rejected }],
      ["would be retried", { failure: serverError() }, { failure: aborted(true) }],
    ] as const) {
      it(`after the request in flight, which ${end}, if only its waits are aborted`, async () => {
        const controller = new AbortController();
        const hung = hanging();
        const call = start(hung.attempt, { waitSignal: controller.signal });
        await clock.advance(second);
        controller.abort();
        await clock.advance(second);
        hung.end(result);
        assert.deepEqual(await call, { ...expected, attempts: 1 });
        assert.deepEqual(waits, []);
      });
    }

    it("not if only its waits are aborted and it needs none", async () => {
      assert.deepEqual(await run(failing(), { waitSignal: AbortSignal.abort() }), { value: "done", attempts: 1 });
    });
  });
});

describe("retryTimeouts", () => {
  it("are 30 s, five minutes and 15 minutes, and keep that proportion", () => {
    assert.deepEqual(retryTimeouts(), { refused: 30 * second, other: 5 * minute, rateLimit: 15 * minute });
    assert.deepEqual(retryTimeouts(10), { refused: 1, other: 10, rateLimit: 30 });
  });
});
