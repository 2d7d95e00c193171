import assert from "node:assert/strict";

import { retryTimeouts, type Attempt, type Outcome } from "../../../provider/oauth/retry";
import { failures, retriedFailures } from "../../support/oauth/failures";
import { always, failing, GatedCalls } from "../../support/oauth/gated-calls";
import { day, minute, second } from "../../support/oauth/times";

const { rateLimited, unavailable, serverError, badGateway, noResponse, unreachable } = failures;

/** The largest number that `Math.random` may return. */
const almostOne = 1 - Number.EPSILON / 2;

describe("persist", () => {
  const calls = new GatedCalls();

  describe("ends after its budget", () => {
    // With the shortest waits: one more would go beyond it.
    const rows = [
      { failure: unreachable("ECONNREFUSED"), budget: 30 * second, wait: 500 },
      { failure: unreachable("ENOTFOUND"), budget: 30 * second, wait: 500 },
      { failure: unreachable("EAI_AGAIN"), budget: 30 * second, wait: 500 },
      { failure: unreachable("UND_ERR_CONNECT_TIMEOUT"), budget: 5 * minute, wait: 500 },
      { failure: unreachable("ECONNRESET"), budget: 5 * minute, wait: 500 },
      { failure: serverError(), budget: 5 * minute, wait: 500 },
      { failure: badGateway(), budget: 5 * minute, wait: 500 },
      { failure: noResponse(), budget: 5 * minute, wait: 500 },
      { failure: unavailable(), budget: 5 * minute, wait: 500 },
      { failure: unavailable(7), budget: 5 * minute, wait: 7 * second },
      { failure: rateLimited(42), budget: 15 * minute, wait: 42 * second },
      { failure: rateLimited(60), budget: 15 * minute, wait: 60 * second },
    ];
    for (const { failure, budget, wait } of rows) {
      const cause = [failure.code, failure.cause?.code, failure.retryAfter].filter((each) => each !== undefined);
      for (const share of [1, 0.5, 3]) {
        it(`${cause.join(" ")}: ${(share * budget) / second} s with ${share} of the usual patience`, async () => {
          const timeouts = retryTimeouts(share * 5 * minute);
          const outcome = await calls.run(always(failure), { timeouts });
          const retries = Math.floor((share * budget) / wait);
          assert.deepEqual(outcome, { failure, attempts: retries + 1 });
          assert.equal(calls.clock.monotonic(), retries * wait);
        });
      }
    }

    it("rate_limited without Retry-After: within 15 minutes", async () => {
      const outcome = await calls.run(always(rateLimited()));
      assert.ok("failure" in outcome);
      assert.ok(
        calls.clock.monotonic() <= 15 * minute && calls.clock.monotonic() > 14 * minute,
        String(calls.clock.monotonic()),
      );
    });

    it("which time spent on attempts counts against", async () => {
      const slowly = async (): Promise<Attempt<string>> => {
        await new Promise<void>((resolve) => void calls.clock.after(45 * second, resolve));
        return { failure: noResponse() };
      };
      const outcome = await calls.run(slowly, { random: () => almostOne });
      assert.ok("failure" in outcome);
      // Nothing begins after the five minutes; what has begun may end.
      assert.ok(calls.clock.monotonic() >= 4 * minute && calls.clock.monotonic() <= 5 * minute + 45 * second);
    });

    it("which time spent in the queue does not count against", async () => {
      calls.queue.pause(10 * minute, "rate_limited");
      const outcome = await calls.run(always(serverError()));
      assert.deepEqual(outcome, { failure: serverError(), attempts: 601 });
      assert.equal(calls.clock.monotonic(), 15 * minute);
    });

    it("at once without any patience", async () => {
      for (const failure of retriedFailures) {
        assert.deepEqual(await calls.run(always(failure), { timeouts: retryTimeouts(0) }), { failure, attempts: 1 });
      }
      assert.equal(calls.clock.monotonic(), 0);
      assert.deepEqual(calls.waits, []);
    });

    it("though others succeed, where it always meets a 500", async () => {
      const unlucky = calls.start(always(serverError()));
      let ended: Outcome<string> | undefined;
      void unlucky.then((outcome) => (ended = outcome));
      while (ended === undefined && calls.clock.monotonic() < 10 * minute) {
        await calls.pass(calls.start(failing()));
        await calls.clock.advance(second);
      }
      assert.deepEqual(ended, { failure: serverError(), attempts: 601 });
      assert.ok(calls.clock.monotonic() <= 5 * minute + second);
    });

    it("counted from the last success behind the queue, where it is the rate limit", async () => {
      const unlucky = calls.start(always(rateLimited(42)));
      for (let successes = 0; successes < 2; successes++) {
        await calls.clock.advance(10 * minute);
        // It found its way past: another process, for example, has used less.
        calls.queue.succeeded();
      }
      const outcome = await calls.pass(unlucky);
      assert.ok("failure" in outcome);
      assert.ok(
        calls.clock.monotonic() > 34 * minute && calls.clock.monotonic() <= 35 * minute,
        String(calls.clock.monotonic()),
      );
    });

    it("counted from its own first attempt, where the last success is older", async () => {
      calls.queue.succeeded();
      await calls.clock.advance(day);
      await calls.run(always(rateLimited(60)));
      assert.equal(calls.clock.monotonic(), day + 15 * minute);
    });
  });

  describe("fails at once where Retry-After is longer than what is left of the budget", () => {
    const rows = [
      { failure: rateLimited(15 * 60 + 1), description: "a second more" },
      { failure: rateLimited(365 * 24 * 3600), description: "a year" },
      { failure: rateLimited(2 ** 31 / 1000 + 1), description: "more than a timer can hold" },
      { failure: rateLimited(1e300), description: "more than anybody can wait" },
      { failure: rateLimited(Infinity), description: "more than a number can hold" },
      { failure: unavailable(5 * 60 + 1), description: "a second more" },
      { failure: unavailable(365 * 24 * 3600), description: "a year" },
      { failure: serverError(365 * 24 * 3600), description: "a year" },
    ];
    for (const { failure, description } of rows) {
      it(`${failure.code}, ${description}: and the queue stays open for others`, async () => {
        assert.deepEqual(await calls.run(always(failure)), { failure, attempts: 1 });
        assert.equal(calls.clock.monotonic(), 0);
        assert.equal(calls.queue.pausedForMs, 0);
        assert.deepEqual(calls.waits, []);
      });
    }

    it("also after it has waited for a while", async () => {
      const outcome = await calls.run(failing(rateLimited(600), rateLimited(301)));
      assert.deepEqual(outcome, { failure: rateLimited(301), attempts: 2 });
      assert.equal(calls.clock.monotonic(), 10 * minute);
    });

    it("and waits where it is just within the budget", async () => {
      assert.deepEqual(await calls.run(failing(rateLimited(15 * 60))), { value: "done", attempts: 2 });
      assert.equal(calls.clock.monotonic(), 15 * minute);
    });

    it("and never spins where the patience is longer than a timer can hold", async () => {
      const timeouts = retryTimeouts(365 * day);
      for (const failure of [rateLimited(60 * 24 * 3600), unavailable(60 * 24 * 3600), serverError(60 * 24 * 3600)]) {
        const outcome = await calls.run(failing(failure), { timeouts });
        assert.deepEqual(outcome, { value: "done", attempts: 2 });
      }
    });
  });
});

describe("budgetsFor", () => {
  it("is 30 s, five minutes and 15 minutes", () => {
    assert.deepEqual(retryTimeouts(), { refused: 30 * second, fault: 5 * minute, rateLimit: 15 * minute });
  });

  for (const patience of [0, 10 * second, 5 * minute, day]) {
    it(`scales with a patience of ${patience / second} s`, () => {
      assert.deepEqual(retryTimeouts(patience), { refused: patience / 10, fault: patience, rateLimit: 3 * patience });
    });
  }
});
