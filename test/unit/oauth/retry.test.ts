import assert from "node:assert/strict";

import type { Failure } from "../../../provider/oauth/failure";
import type { Attempt, RetryOptions } from "../../../provider/oauth/retry";
import { failures, finalFailure, retriedFailures } from "../../support/oauth/failures";
import { always, failing, hanging, GatedCalls } from "../../support/oauth/gated-calls";
import { day, minute, second } from "../../support/oauth/times";

const { rateLimited, unavailable, serverError, noResponse, unreachable } = failures;

describe("persist", () => {
  const calls = new GatedCalls();

  it("hands over what the first attempt brings", async () => {
    assert.deepEqual(await calls.run(failing()), { value: "done", attempts: 1 });
    assert.deepEqual(calls.waits, []);
    assert.equal(calls.queue.successes, 1);
  });

  it("gives up at once where trying again does not help", async () => {
    assert.deepEqual(await calls.run(always(finalFailure)), { failure: finalFailure, attempts: 1 });
    assert.equal(calls.clock.monotonic(), 0);
    assert.equal(calls.queue.successes, 0);
  });

  for (const failure of retriedFailures) {
    const after = failure.retryAfter === undefined ? "" : " with Retry-After";
    it(`tries again after ${failure.code} ${failure.status ?? failure.cause?.code ?? ""}${after}`, async () => {
      assert.deepEqual(await calls.run(failing(failure)), { value: "done", attempts: 2 });
      assert.deepEqual(
        calls.waits.map(({ code }) => code),
        [failure.code],
      );
    });
  }

  it("gives its place back where an attempt throws", async () => {
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
    assert.deepEqual(await calls.run(failing(rateLimited(1), serverError()), { onWait }), {
      value: "done",
      attempts: 3,
    });
  });

  describe("closes the queue", () => {
    const rows = [
      { failure: rateLimited(42), others: 42_000 },
      { failure: rateLimited(), others: 10_000 },
      { failure: unavailable(42), others: 42_000 },
      { failure: unavailable(), others: 0 },
      { failure: serverError(), others: 0 },
      { failure: serverError(42), others: 0 },
      { failure: noResponse(), others: 0 },
      { failure: unreachable("ECONNREFUSED"), others: 0 },
    ];
    for (const { failure, others } of rows) {
      const after = failure.retryAfter === undefined ? "" : ` with Retry-After: ${failure.retryAfter}`;
      it(`for ${others} ms to everyone after ${failure.code}${after}`, async () => {
        const refused = calls.start(failing(failure));
        await calls.clock.advance(0);
        let succeededAt: number | undefined;
        const other = calls.start(() => {
          succeededAt = calls.clock.monotonic();
          return Promise.resolve({ value: "done" });
        });
        await calls.pass(Promise.all([refused, other]));
        assert.equal(succeededAt, others);
      });
    }

    it("until the longest of several has passed", async () => {
      const all = [3, 42, 7].map((seconds) => calls.start(failing(rateLimited(seconds))));
      await calls.pass(Promise.all(all));
      assert.equal(calls.clock.monotonic(), 42_000);
    });

    it("before anybody can take the place of the one that was refused", async () => {
      const order: string[] = [];
      const named = (name: string, ...sequence: Failure[]): RetryOptions<string>["attempt"] => {
        const attempt = failing(...sequence);
        return () => {
          order.push(name);
          return attempt();
        };
      };
      const first = Array.from("abcdefgh", (name) => calls.start(named(name, rateLimited(1))));
      const queued = Array.from("ij", (name) => calls.start(named(name)));
      await calls.pass(Promise.all([...first, ...queued]));
      assert.equal(order.join(""), "abcdefgh" + "abcdefgh" + "ij");
    });
  });

  describe("tells what it waits for", () => {
    it("with its code, its time, how many wait and how many succeeded", async () => {
      const all = Array.from({ length: 12 }, () => calls.start(failing()));
      await calls.pass(Promise.all(all));
      await calls.pass(Promise.all([calls.start(failing(serverError())), calls.start(failing(rateLimited(42)))]));
      assert.deepEqual(calls.waits, [
        { code: "server_error", waitMs: 500, pending: 2, succeeded: 12, givesUpInMs: 5 * minute },
        { code: "rate_limited", waitMs: 42_000, pending: 2, succeeded: 12, givesUpInMs: 15 * minute },
      ]);
    });

    it("also for a call that finds the queue closed, with the code of what closed it", async () => {
      calls.queue.pause(42 * second, "service_unavailable");
      await calls.clock.advance(2 * second);
      await calls.run(failing());
      assert.deepEqual(calls.waits, [{ code: "service_unavailable", waitMs: 40_000, pending: 1, succeeded: 0 }]);
    });

    it("with the time until the token has expired where that comes first", async () => {
      const end = calls.clock.now() + minute;
      await calls.run(always(rateLimited(120)), { remainingMs: () => end - calls.clock.now() });
      calls.queue.pause(day, "rate_limited");
      await calls.run(always(finalFailure), { remainingMs: () => end + minute - calls.clock.now() });
      assert.deepEqual(calls.waitTimes(), [minute, minute]);
    });

    it("with an estimate at the pace so far, once something succeeded", async () => {
      let left = 10;
      const limited = (): Promise<Attempt<string>> =>
        Promise.resolve(left-- > 0 ? { value: "done" } : { failure: rateLimited(60) });
      const all = Array.from({ length: 60 }, () => calls.start(limited));
      await calls.clock.advance(0);
      // Ten in the first minute: fifty take five more.
      assert.deepEqual(calls.waits.at(-1), {
        code: "rate_limited",
        waitMs: minute,
        pending: 50,
        succeeded: 10,
        estimateMs: 5 * minute,
        givesUpInMs: 15 * minute,
      });
      left = Infinity;
      await calls.pass(Promise.all(all));
    });

    it("with what is left of its budget", async () => {
      await calls.run(always(serverError(60)));
      assert.deepEqual(
        calls.waits.map(({ givesUpInMs }) => givesUpInMs),
        [5, 4, 3, 2, 1].map((minutes) => minutes * minute),
      );
    });

    it("with an estimate that is never shorter than the wait itself", async () => {
      const hung = hanging();
      const controller = new AbortController();
      const slow = calls.start(hung.attempt, { signal: controller.signal });
      await calls.pass(Promise.all([calls.start(failing()), calls.start(failing()), calls.start(failing())]));
      hung.end({ failure: rateLimited(42) });
      await calls.clock.advance(0);
      assert.deepEqual(calls.waits, [
        {
          code: "rate_limited",
          waitMs: 42_000,
          pending: 1,
          succeeded: 3,
          estimateMs: 42_000,
          givesUpInMs: 15 * minute,
        },
      ]);
      controller.abort();
      await slow;
    });
  });
});
