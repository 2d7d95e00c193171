import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";

import type { Failure } from "../../../provider/oauth/failure";
import { RequestQueue } from "../../../provider/oauth/request-queue";
import { retryTimeouts, type Attempt, type Outcome, type RetryOptions } from "../../../provider/oauth/retry";
import { failures, finalFailure, retriedFailures } from "../../support/oauth/failures";
import { always, failing, hanging, GatedCalls } from "../../support/oauth/gated-calls";
import { seededRandom } from "../../support/oauth/seeded-random";
import { day, minute, second } from "../../support/oauth/times";

const { rateLimited, unavailable, serverError, badGateway, noResponse, unreachable } = failures;

/** The largest number that `Math.random` may return. */
const almostOne = 1 - Number.EPSILON / 2;
const year = 365 * 24 * 3600;

function describeFailure({ code, cause, retryAfter }: Failure): string {
  return [code, cause?.code, retryAfter].filter((part) => part !== undefined).join(" ");
}

describe("withRetry", () => {
  const calls = new GatedCalls();
  const times = (count: number, attempt: RetryOptions<string>["attempt"]): Promise<Outcome<string>>[] =>
    Array.from({ length: count }, () => calls.start(attempt));

  it("returns what the first attempt brings", async () => {
    assert.deepEqual(await calls.run(failing()), { value: "done", attempts: 1 });
    assert.deepEqual(await calls.run(always(finalFailure)), { failure: finalFailure, attempts: 1 });
    assert.deepEqual([calls.waits, calls.clock.monotonic(), calls.queue.progress.successes], [[], 0, 1]);
  });

  for (const failure of retriedFailures) {
    it(`retries after ${describeFailure(failure)}`, async () => {
      assert.deepEqual(await calls.run(failing(failure)), { value: "done", attempts: 2 });
      assert.deepEqual([calls.waits.length, calls.waits[0]?.code], [1, failure.code]);
    });
  }

  it("gives its place back if an attempt throws", async () => {
    const broken = new Error("broken");
    await assert.rejects(
      calls.run(() => Promise.reject(broken)),
      broken,
    );
    assert.deepEqual(await calls.run(failing()), { value: "done", attempts: 1 });
  });

  it("is not disturbed by a listener that throws", async () => {
    const onWait = (): never => {
      throw new Error("of the listener");
    };
    const outcome = await calls.run(failing(rateLimited(1), serverError()), { onWait });
    assert.deepEqual(outcome, { value: "done", attempts: 3 });
  });

  describe("pauses the queue", () => {
    const rows = [
      { failure: rateLimited(42), others: 42_000 },
      { failure: rateLimited(), others: minute },
      { failure: unavailable(42), others: 42_000 },
      { failure: unavailable(), others: 0 },
      { failure: serverError(42), others: 0 },
      { failure: noResponse(), others: 0 },
      { failure: unreachable("ECONNREFUSED"), others: 0 },
    ];
    for (const { failure, others } of rows) {
      it(`for ${others} ms after ${describeFailure(failure)}`, async () => {
        const refused = calls.start(failing(failure));
        await calls.clock.advance(0);
        let succeededAt: number | undefined;
        const other = calls.start(() => {
          succeededAt ??= calls.clock.monotonic();
          return Promise.resolve({ value: "done" });
        });
        await calls.pass(Promise.all([refused, other]));
        assert.equal(succeededAt, failure.code === "rate_limited" ? calls.clock.monotonic() : others);
        assert.ok(succeededAt >= others);
      });
    }

    it("before anybody can take the place of the refused one", async () => {
      const order: string[] = [];
      const named = (name: string, ...sequence: Failure[]): RetryOptions<string>["attempt"] => {
        const attempt = failing(...sequence);
        return () => {
          order.push(name);
          return attempt();
        };
      };
      const first = Array.from("abcdefgh", (name) => calls.start(named(name, unavailable(1))));
      const queued = Array.from("ij", (name) => calls.start(named(name)));
      await calls.pass(Promise.all([...first, ...queued]));
      assert.equal(order.join(""), "abcdefgh" + "abcdefgh" + "ij");
    });
  });

  describe("waits", () => {
    const rows = [
      { random: 0, expected: [500, 500, 500, 500, 500, 500, 500] },
      { random: 0.5, expected: [750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250] },
      { random: almostOne, expected: [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] },
    ];
    for (const failure of [serverError(), noResponse(), badGateway(), unavailable(), unreachable("EHOSTUNREACH")]) {
      it(`between 0.5 s and a cap that doubles from 1 s to 30 s: ${describeFailure(failure)}`, async () => {
        for (const { random, expected } of rows) {
          calls.waits = [];
          await calls.run(failing(...expected.map(() => failure)), { random: () => random });
          assert.deepEqual(calls.waitTimes().map(Math.round), expected);
        }
      });
    }

    it("within these bounds, whatever the numbers drawn", async () => {
      const run = async (seed: number): Promise<void> => {
        calls.waits = [];
        await calls.run(failing(...Array<Failure>(10).fill(serverError())), { random: seededRandom(seed) });
        for (const [index, wait] of calls.waitTimes().entries()) {
          assert.ok(wait >= 500 && wait <= Math.min(2 ** index, 30) * second, `${index}: ${wait}`);
        }
      };
      await fc.assert(fc.asyncProperty(fc.integer(), run), { numRuns: 50 });
    });

    const told = [
      { failure: rateLimited(0), random: 0, waitMs: 500 },
      { failure: rateLimited(42), random: almostOne, waitMs: 42_000 },
      { failure: unavailable(0), random: 0, waitMs: 500 },
      { failure: unavailable(42), random: almostOne, waitMs: 43_000 },
      { failure: serverError(0), random: 0, waitMs: 500 },
      { failure: serverError(42), random: almostOne, waitMs: 43_000 },
    ];
    for (const { failure, random, waitMs } of told) {
      it(`for ${waitMs} ms after ${describeFailure(failure)}, if the random number is ${Math.round(random)}`, async () => {
        await calls.run(failing(failure), { random: () => random });
        assert.deepEqual(calls.waitTimes().map(Math.round), [waitMs]);
      });
    }

    it("up to a second longer than Retry-After at most once for all calls that fail together", async () => {
      const numbers = [0.25, 0.5, 0.75, 0.9];
      const random = (): number => numbers.shift() ?? 1;
      await calls.pass(Promise.all(Array.from({ length: 8 }, () => calls.start(failing(unavailable(42)), { random }))));
      assert.equal(calls.clock.monotonic(), 42_250);
    });

    it("no longer after a 503 because of faults before it, nor the other way round", async () => {
      const sequence = [serverError(), unavailable(3), serverError(), unavailable(3), serverError()];
      await calls.run(failing(...sequence), { random: () => almostOne });
      assert.deepEqual(calls.waitTimes().map(Math.round), [1_000, 4_000, 2_000, 4_000, 4_000]);
    });
  });

  describe("reports a wait", () => {
    it("with its code, its time, how many are pending, how many succeeded, and when it gives up", async () => {
      await calls.pass(Promise.all(times(12, failing())));
      await calls.run(failing(serverError(), rateLimited(42)));
      const expected = { pending: 1, succeeded: 12 };
      assert.deepEqual(calls.waits, [
        { code: "server_error", waitMs: 500, givesUpInMs: 300_000, ...expected },
        { code: "rate_limited", waitMs: 42_000, estimateMs: 42_000, givesUpInMs: 899_500, ...expected },
      ]);
    });

    it("to a call that finds the queue paused, with the reason", async () => {
      calls.queue.pause(42 * second, "service_unavailable");
      await calls.clock.advance(2 * second);
      await calls.run(failing());
      const wait = { code: "service_unavailable", waitMs: 40_000, pending: 1, succeeded: 0, givesUpInMs: 5 * minute };
      assert.deepEqual(calls.waits, [wait]);
    });

    it("no longer than until the token has expired", async () => {
      const end = calls.clock.now() + minute;
      await calls.run(always(rateLimited(120)), { remainingMs: () => end - calls.clock.now() });
      calls.queue.pause(day, "rate_limited");
      await calls.run(always(finalFailure), { remainingMs: () => end + minute - calls.clock.now() });
      assert.deepEqual(calls.waitTimes(), [minute, minute]);
    });

    it("with what is left until it gives up", async () => {
      await calls.run(always(serverError(60)));
      assert.deepEqual(
        calls.waits.map(({ givesUpInMs }) => givesUpInMs),
        [5, 4, 3, 2, 1].map((minutes) => minutes * minute),
      );
    });
  });

  describe("gives up", () => {
    // With the shortest waits: one more would go beyond the timeout.
    const rows = [
      { failure: unreachable("ECONNREFUSED"), timeout: 30 * second, wait: 500 },
      { failure: unreachable("ENOTFOUND"), timeout: 30 * second, wait: 500 },
      { failure: unreachable("EAI_AGAIN"), timeout: 30 * second, wait: 500 },
      { failure: unreachable("UND_ERR_CONNECT_TIMEOUT"), timeout: 5 * minute, wait: 500 },
      { failure: serverError(), timeout: 5 * minute, wait: 500 },
      { failure: badGateway(), timeout: 5 * minute, wait: 500 },
      { failure: noResponse(), timeout: 5 * minute, wait: 500 },
      { failure: unavailable(), timeout: 5 * minute, wait: 500 },
      { failure: unavailable(7), timeout: 5 * minute, wait: 7 * second },
      { failure: rateLimited(60), timeout: 15 * minute, wait: minute },
    ];
    for (const { failure, timeout, wait } of rows) {
      it(`after ${timeout / second} s, or its share of another timeout: ${describeFailure(failure)}`, async () => {
        for (const share of [1, 0.5, 3]) {
          calls.queue = new RequestQueue(calls.clock);
          const startedAt = calls.clock.monotonic();
          const outcome = await calls.run(always(failure), { timeouts: retryTimeouts(share * 5 * minute) });
          const retries = Math.floor((share * timeout) / wait);
          assert.deepEqual(outcome, { failure, attempts: retries + 1 });
          assert.ok(calls.clock.monotonic() - startedAt <= share * timeout);
        }
      });
    }

    it("at once if the timeout is 0", async () => {
      for (const failure of retriedFailures) {
        calls.queue = new RequestQueue(calls.clock);
        assert.deepEqual(await calls.run(always(failure), { timeouts: retryTimeouts(0) }), { failure, attempts: 1 });
      }
      assert.deepEqual([calls.clock.monotonic(), calls.waits], [0, []]);
    });

    it("after its timeout, attempts included", async () => {
      const slowly = async (): Promise<Attempt<string>> => {
        await new Promise<void>((resolve) => void calls.clock.after(45 * second, resolve));
        return { failure: noResponse() };
      };
      assert.ok("failure" in (await calls.run(slowly, { random: () => almostOne })));
      // Nothing begins after the five minutes; what has begun may end.
      assert.ok(calls.clock.monotonic() >= 4 * minute && calls.clock.monotonic() <= 5 * minute + 45 * second);
    });

    it("counts the time in which it waits for its turn", async () => {
      calls.queue.pause(4 * minute, "service_unavailable");
      await calls.run(always(serverError()));
      assert.equal(calls.clock.monotonic(), 5 * minute);
    });

    it("though others succeed, if it always gets a 500", async () => {
      let ended: Outcome<string> | undefined;
      void calls.start(always(serverError())).then((outcome) => (ended = outcome));
      while (ended === undefined && calls.clock.monotonic() < 10 * minute) {
        await calls.pass(calls.start(failing()));
        await calls.clock.advance(second);
      }
      assert.deepEqual(ended, { failure: serverError(), attempts: 601 });
      assert.ok(calls.clock.monotonic() <= 5 * minute + second);
    });

    it("counted from the latest success of the queue before its own first attempt", async () => {
      calls.queue.pause(4 * minute, "service_unavailable");
      const unlucky = calls.start(always(serverError()));
      await calls.clock.advance(3 * minute);
      calls.queue.succeeded(0);
      assert.ok("failure" in (await calls.pass(unlucky)));
      assert.equal(calls.clock.monotonic(), 8 * minute);
    });

    it("counted from the latest success of the queue, under the rate limit", async () => {
      const unlucky = calls.start(always(rateLimited(42)));
      for (let successes = 0; successes < 2; successes++) {
        await calls.clock.advance(10 * minute);
        // For example, because another process has used less of the limit.
        calls.queue.succeeded(0);
      }
      assert.ok("failure" in (await calls.pass(unlucky)));
      const end = calls.clock.monotonic();
      assert.ok(end > 34 * minute && end <= 35 * minute, String(end));
    });

    it("counted from its start, if the latest success is older", async () => {
      calls.queue.succeeded(0);
      await calls.clock.advance(day);
      await calls.run(always(rateLimited(60)));
      assert.equal(calls.clock.monotonic(), day + 15 * minute);
    });

    for (const failure of [rateLimited(901), rateLimited(Infinity), unavailable(301), serverError(year)]) {
      it(`at once if Retry-After is longer than that, without pausing the queue: ${describeFailure(failure)}`, async () => {
        assert.deepEqual(await calls.run(always(failure)), { failure, attempts: 1 });
        assert.deepEqual([calls.clock.monotonic(), calls.queue.pausedForMs, calls.waits], [0, 0, []]);
      });
    }

    it("not if Retry-After is just within it", async () => {
      assert.deepEqual(await calls.run(failing(rateLimited(900))), { value: "done", attempts: 2 });
      assert.deepEqual(await calls.run(failing(unavailable(300))), { value: "done", attempts: 2 });
    });

    it("never by polling if the timeout is longer than a timer can hold", async () => {
      for (const failure of [rateLimited(60 * 24 * 3600), unavailable(60 * 24 * 3600), serverError(60 * 24 * 3600)]) {
        const outcome = await calls.run(failing(failure), { timeouts: retryTimeouts(365 * day) });
        assert.deepEqual(outcome, { value: "done", attempts: 2 });
      }
    });
  });

  describe("keeps its promise to the last of a hundred calls", () => {
    const blackHole = async (): Promise<Attempt<string>> => {
      await new Promise<void>((resolve) => void calls.clock.after(45 * second, resolve));
      return { failure: noResponse() };
    };
    const rows = [
      { description: "a limit that never ends", attempt: always(rateLimited(60)), within: 15 * minute },
      { description: "a limit that never ends and names no wait", attempt: always(rateLimited()), within: 15 * minute },
      { description: "503 with Retry-After: 60", attempt: always(unavailable(60)), within: 5 * minute },
      { description: "a black hole", attempt: blackHole, within: 5 * minute + 45 * second },
    ];
    for (const { description, attempt, within } of rows) {
      it(description, async () => {
        const ends = times(100, attempt).map(async (call) => ({ outcome: await call, at: calls.clock.monotonic() }));
        const promised: number[] = [];
        calls.onWait = ({ givesUpInMs }) => void promised.push(calls.clock.monotonic() + givesUpInMs);
        for (const { outcome, at } of await calls.pass(Promise.all(ends))) {
          assert.ok("failure" in outcome && outcome.failure.retryable, JSON.stringify(outcome));
          assert.ok(at <= within && at >= 0.7 * within, `${at} of ${within} ms`);
        }
        assert.ok(Math.max(...promised) <= within, `${Math.max(...promised)} was promised`);
      });
    }
  });

  describe("knows that its token has expired", () => {
    const expired = (outcome: object): void => assert.ok("expired" in outcome, JSON.stringify(outcome));
    const at = (time: number): { remainingMs: () => number } => ({ remainingMs: () => time - calls.clock.now() });
    const inAMinute = (): { remainingMs: () => number } => at(calls.clock.now() + minute);

    it("before it begins", async () => {
      expired(await calls.run(always(finalFailure), at(calls.clock.now())));
    });

    for (const failure of [
      serverError(),
      rateLimited(42),
      rateLimited(120),
      rateLimited(year),
      unavailable(Infinity),
    ]) {
      it(`while it waits after ${describeFailure(failure)}`, async () => {
        expired(await calls.run(always(failure), inAMinute()));
        assert.equal(calls.clock.monotonic(), minute);
      });
    }

    it("while the queue is paused or full, without an attempt", async () => {
      const hung = hanging();
      const first = times(8, hung.attempt);
      expired(await calls.run(always(finalFailure), inAMinute()));
      hung.end({ value: "done" });
      await Promise.all(first);
      calls.queue.pause(day, "rate_limited");
      expired(await calls.run(always(finalFailure), inAMinute()));
      assert.equal(calls.clock.monotonic(), 2 * minute);
    });

    for (const { result, isExpired } of [
      { result: { failure: finalFailure }, isExpired: true },
      { result: { value: "done" }, isExpired: false },
    ]) {
      it(`during an attempt, unless that succeeds: ${JSON.stringify(result)}`, async () => {
        const hung = hanging();
        const call = calls.start(hung.attempt, inAMinute());
        await calls.clock.advance(minute);
        hung.end(result);
        assert.equal("expired" in (await call), isExpired);
      });
    }

    it("by the wall clock, even if somebody sets it", async () => {
      const call = calls.start(failing(serverError(42)), inAMinute());
      await calls.clock.advance(second);
      calls.clock.wallOffset = 2 * minute;
      expired(await calls.pass(call));
    });

    it("only if it has not failed before", async () => {
      const outcome = await calls.run(always(serverError()), at(calls.clock.now() + 10 * minute));
      assert.deepEqual(outcome, { failure: serverError(), attempts: 601 });
      assert.deepEqual(await calls.run(always(finalFailure), inAMinute()), { failure: finalFailure, attempts: 1 });
    });

    it("also if that is later than a timer can hold", async () => {
      calls.queue.pause(minute, "rate_limited");
      const outcome = await calls.run(failing(rateLimited(1)), at(calls.clock.now() + 3650 * day));
      assert.deepEqual(outcome, { value: "done", attempts: 2 });
    });
  });

  describe("ends when it is aborted", () => {
    const rows: { during: string; attempt: () => RetryOptions<string>["attempt"]; sent: boolean; attempts: number }[] =
      [
        { during: "in the queue", attempt: () => failing(), sent: false, attempts: 0 },
        { during: "in the queue, after a refusal", attempt: () => always(rateLimited(42)), sent: true, attempts: 1 },
        { during: "in a backoff, after a response", attempt: () => always(serverError(42)), sent: true, attempts: 1 },
        {
          during: "in a backoff, after nothing was sent",
          attempt: () => always({ ...unreachable("ECONNREFUSED"), retryAfter: 20 }),
          sent: false,
          attempts: 1,
        },
      ];
    for (const { during, attempt, sent, attempts } of rows) {
      for (const name of ["signal", "waitSignal"]) {
        it(`${during}, at once and without a listener or a timer left: ${name}`, async () => {
          const controller = new AbortController();
          if (attempts === 0) calls.queue.pause(minute, "rate_limited");
          const call = calls.start(attempt(), { [name]: controller.signal });
          await calls.clock.advance(10 * second);
          assert.equal(getEventListeners(controller.signal, "abort").length, 1);
          controller.abort();
          assert.deepEqual(await call, { failure: { code: "aborted", sent, retryable: false }, attempts });
          assert.equal(getEventListeners(controller.signal, "abort").length, 0);
          assert.equal(calls.clock.timers, 0);
        });
      }
    }

    it("before it began, without an attempt", async () => {
      const attempt = (): never => assert.fail("it was attempted");
      const outcome = await calls.run(attempt, { signal: AbortSignal.abort() });
      assert.deepEqual(outcome, { failure: { code: "aborted", sent: false, retryable: false }, attempts: 0 });
    });

    it("during an attempt, and knows whether that or an earlier one was sent", async () => {
      for (const sent of [true, false]) {
        const aborted: Failure = { code: "aborted", sent, retryable: false };
        assert.deepEqual(await calls.run(always(aborted)), { failure: aborted, attempts: 1 });
        const outcome = await calls.run(failing(serverError(), aborted));
        assert.deepEqual(outcome, { failure: { ...aborted, sent: true }, attempts: 2 });
      }
    });

    for (const failure of [rateLimited(42), serverError()]) {
      it(`by its own listener: ${failure.code}`, async () => {
        const controller = new AbortController();
        const options = { signal: controller.signal, onWait: () => controller.abort() };
        const outcome = await calls.run(always(failure), options);
        assert.deepEqual(outcome, { failure: { code: "aborted", sent: true, retryable: false }, attempts: 1 });
        assert.equal(calls.clock.monotonic(), 0);
      });
    }

    const inFlight: { result: Attempt<string>; expected: Outcome<string> }[] = [
      { result: { value: "done" }, expected: { value: "done", attempts: 1 } },
      { result: { failure: finalFailure }, expected: { failure: finalFailure, attempts: 1 } },
      {
        result: { failure: serverError() },
        expected: { failure: { code: "aborted", sent: true, retryable: false }, attempts: 1 },
      },
    ];
    for (const { result, expected } of inFlight) {
      it(`after the request in flight if only its waits are aborted: ${JSON.stringify(result)}`, async () => {
        const controller = new AbortController();
        const hung = hanging();
        const call = calls.start(hung.attempt, { waitSignal: controller.signal });
        await calls.clock.advance(second);
        controller.abort();
        await calls.clock.advance(second);
        hung.end(result);
        assert.deepEqual(await call, expected);
        assert.deepEqual(calls.waits, []);
      });
    }

    it("not if only its waits are aborted and it needs none", async () => {
      const outcome = await calls.run(failing(), { waitSignal: AbortSignal.abort() });
      assert.deepEqual(outcome, { value: "done", attempts: 1 });
    });

    it("and gives its place to the next", async () => {
      const controller = new AbortController();
      const hung = hanging();
      const first = times(8, hung.attempt);
      const leaving = calls.start(failing(), { signal: controller.signal });
      const last = calls.start(failing());
      await calls.clock.advance(0);
      controller.abort();
      assert.ok("failure" in (await leaving));
      hung.end({ value: "done" });
      assert.deepEqual(await last, { value: "done", attempts: 1 });
      await Promise.all(first);
    });
  });
});

describe("retryTimeouts", () => {
  it("are 30 s, five minutes and 15 minutes, and keep that proportion", () => {
    assert.deepEqual(retryTimeouts(), { refused: 30 * second, other: 5 * minute, rateLimit: 15 * minute });
    for (const timeout of [0, 10 * second, day]) {
      assert.deepEqual(retryTimeouts(timeout), { refused: timeout / 10, other: timeout, rateLimit: 3 * timeout });
    }
  });
});
