import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import type { Failure } from "../../../provider/oauth/failure";
import type { RetryOptions } from "../../../provider/oauth/retry";
import { failures, finalFailure } from "../../support/oauth/failures";
import { always, failing, hanging, GatedCalls } from "../../support/oauth/gated-calls";
import { minute, second } from "../../support/oauth/times";

const { rateLimited, serverError, noResponse, unreachable } = failures;

describe("persist ends as its caller wishes", () => {
  const calls = new GatedCalls();

  const cases: {
    description: string;
    attempt: () => RetryOptions<string>["attempt"];
    prepare?: () => void;
    failure: Partial<Failure>;
    attempts: number;
  }[] = [
    {
      description: "in the queue",
      prepare: () => calls.queue.pause(minute, "rate_limited"),
      attempt: () => failing(),
      failure: { code: "aborted", sent: false },
      attempts: 0,
    },
    {
      description: "in the queue, after it was refused",
      attempt: () => always(rateLimited(42)),
      failure: { code: "aborted", sent: true },
      attempts: 1,
    },
    {
      description: "in a backoff, after an answer",
      attempt: () => always(serverError(42)),
      failure: { code: "aborted", sent: true },
      attempts: 1,
    },
    {
      description: "in a backoff, after no answer",
      attempt: () => always({ ...noResponse(), retryAfter: 42 }),
      failure: { code: "aborted", sent: true },
      attempts: 1,
    },
    {
      description: "in a backoff, after nothing was sent",
      attempt: () => always({ ...unreachable("ECONNREFUSED"), retryAfter: 20 }),
      failure: { code: "aborted", sent: false },
      attempts: 1,
    },
  ];
  for (const { description, attempt, prepare, failure, attempts } of cases) {
    it(`${description}, at once and without a listener or a timer left`, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      prepare?.();
      const call = calls.start(attempt(), { signal });
      await calls.clock.advance(10 * second);
      assert.equal(getEventListeners(signal, "abort").length, 1);
      controller.abort();
      assert.deepEqual(await call, { failure: { ...failure, retryable: false }, attempts });
      assert.equal(getEventListeners(signal, "abort").length, 0);
      assert.equal(calls.clock.timers, 0);
      assert.equal(calls.clock.monotonic(), 10 * second);
    });
  }

  for (const { description, attempt, prepare, failure, attempts } of cases) {
    it(`${description}, also where only its waits are to end`, async () => {
      const controller = new AbortController();
      prepare?.();
      const call = calls.start(attempt(), { waitSignal: controller.signal });
      await calls.clock.advance(10 * second);
      controller.abort();
      assert.deepEqual(await call, { failure: { ...failure, retryable: false }, attempts });
      assert.equal(calls.clock.monotonic(), 10 * second);
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    });
  }

  const inFlight = [
    { result: { value: "done" }, expected: { value: "done", attempts: 1 } },
    { result: { failure: finalFailure }, expected: { failure: finalFailure, attempts: 1 } },
    {
      result: { failure: serverError() },
      expected: { failure: { code: "aborted", sent: true, retryable: false }, attempts: 1 },
    },
  ] as const;
  for (const { result, expected } of inFlight) {
    it(`after the request in flight where only its waits are to end: ${JSON.stringify(result)}`, async () => {
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

  it("not where its waits are to end and it needs none", async () => {
    const waitSignal = AbortSignal.abort();
    assert.deepEqual(await calls.run(failing(), { waitSignal }), { value: "done", attempts: 1 });
  });

  it("before it began, without an attempt", async () => {
    let attempted = false;
    const outcome = await calls.run(
      () => {
        attempted = true;
        return Promise.resolve({ value: "done" });
      },
      { signal: AbortSignal.abort() },
    );
    assert.deepEqual(outcome, { failure: { code: "aborted", sent: false, retryable: false }, attempts: 0 });
    assert.equal(attempted, false);
  });

  for (const sent of [true, false]) {
    it(`during an attempt, and passes on that it was ${sent ? "" : "not "}sent`, async () => {
      const failure: Failure = { code: "aborted", sent, retryable: false };
      assert.deepEqual(await calls.run(always(failure)), { failure, attempts: 1 });
    });
  }

  it("during an attempt that was not sent, and remembers that an earlier one was", async () => {
    const aborted: Failure = { code: "aborted", sent: false, retryable: false };
    assert.deepEqual(await calls.run(failing(serverError(), aborted)), {
      failure: { ...aborted, sent: true },
      attempts: 2,
    });
  });

  for (const failure of [rateLimited(42), serverError()]) {
    it(`where its listener ends it: ${failure.code}`, async () => {
      const controller = new AbortController();
      const outcome = await calls.run(always(failure), { signal: controller.signal, onWait: () => controller.abort() });
      assert.deepEqual(outcome, { failure: { code: "aborted", sent: true, retryable: false }, attempts: 1 });
      assert.equal(calls.clock.monotonic(), 0);
    });
  }

  it("with one listener on a signal that many calls share, and in the end with none", async () => {
    const { signal } = new AbortController();
    const sequence = [serverError(), rateLimited(1), noResponse()];
    const all = Array.from({ length: 50 }, () => calls.start(failing(...sequence), { signal }));
    await calls.clock.advance(0);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    await calls.pass(Promise.all(all));
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("and gives the place of an aborted call to the next", async () => {
    const controller = new AbortController();
    const hung = hanging();
    const first = Array.from({ length: 8 }, () => calls.start(hung.attempt));
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
