import assert from "node:assert/strict";

import { failures, finalFailure } from "../../support/oauth/failures";
import { always, failing, hanging, GatedCalls } from "../../support/oauth/gated-calls";
import { day, minute, second } from "../../support/oauth/times";

const { rateLimited, unavailable, serverError } = failures;

describe("persist knows from when on it is pointless", () => {
  const calls = new GatedCalls();

  const assertExpired = (outcome: object): void => assert.ok("expired" in outcome);
  const at = (time: number): { remainingMs: () => number } => ({ remainingMs: () => time - calls.clock.now() });
  const inAMinute = (): { remainingMs: () => number } => at(calls.clock.now() + minute);

  it("and does not begin then", async () => {
    assertExpired(await calls.run(always(finalFailure), at(calls.clock.now())));
  });

  const rows = [
    { description: "while faults make it wait", failure: serverError() },
    { description: "while the rate limit makes it wait", failure: rateLimited(42) },
    { description: "where Retry-After is longer, but within the budget", failure: rateLimited(120) },
    { description: "where Retry-After is a year", failure: rateLimited(365 * 24 * 3600) },
    { description: "where a 503 asks for a year", failure: unavailable(365 * 24 * 3600) },
    { description: "where Retry-After is more than a number can hold", failure: rateLimited(Infinity) },
  ];
  for (const { description, failure } of rows) {
    it(`${description}: ${failure.code}`, async () => {
      assertExpired(await calls.run(always(failure), inAMinute()));
      assert.equal(calls.clock.monotonic(), minute);
    });
  }

  it("while the queue is closed, without an attempt", async () => {
    calls.queue.pause(day, "rate_limited");
    assertExpired(await calls.run(always(finalFailure), inAMinute()));
    assert.equal(calls.clock.monotonic(), minute);
  });

  it("while all places are taken", async () => {
    const hung = hanging();
    const first = Array.from({ length: 8 }, () => calls.start(hung.attempt));
    assertExpired(await calls.run(always(finalFailure), inAMinute()));
    hung.end({ value: "done" });
    await Promise.all(first);
  });

  it("during an attempt that fails for good", async () => {
    const hung = hanging();
    const call = calls.start(hung.attempt, inAMinute());
    await calls.clock.advance(minute);
    hung.end({ failure: finalFailure });
    assertExpired(await call);
  });

  it("but not where an attempt succeeds all the same", async () => {
    const hung = hanging();
    const call = calls.start(hung.attempt, inAMinute());
    await calls.clock.advance(minute);
    hung.end({ value: "done" });
    assert.deepEqual(await call, { value: "done", attempts: 1 });
  });

  it("by the wall clock, also where somebody sets it", async () => {
    const call = calls.start(failing(serverError(42)), inAMinute());
    await calls.clock.advance(second);
    calls.clock.wallOffset = 2 * minute;
    assertExpired(await calls.pass(call));
  });

  it("but fails where its budget is over before", async () => {
    const outcome = await calls.run(always(serverError()), at(calls.clock.now() + 10 * minute));
    assert.deepEqual(outcome, { failure: serverError(), attempts: 601 });
  });

  it("but fails for good at once", async () => {
    assert.deepEqual(await calls.run(always(finalFailure), inAMinute()), { failure: finalFailure, attempts: 1 });
  });

  it("also where that is later than a timer can hold", async () => {
    calls.queue.pause(minute, "rate_limited");
    const outcome = await calls.run(failing(rateLimited(1)), at(calls.clock.now() + 3650 * day));
    assert.deepEqual(outcome, { value: "done", attempts: 2 });
  });

  it("and does not close the queue to others for longer than anybody would wait", async () => {
    const call = calls.start(always(rateLimited(365 * 24 * 3600)), inAMinute());
    await calls.clock.advance(0);
    assert.equal(calls.queue.pausedForMs, 0);
    assertExpired(await calls.pass(call));
  });
});
