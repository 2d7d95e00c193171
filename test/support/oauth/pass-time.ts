import assert from "node:assert/strict";

import type { FakeClock } from "../fake-clock";

/** Far more than any test needs: what never ends must fail, rather than hang. */
const mostSteps = 100_000;

/** Lets time pass, from one timer to the next, until a promise has settled. */
export async function passTime<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const state = { settled: false };
  const end = (): void => void (state.settled = true);
  promise.then(end, end);
  await clock.advance(0);
  for (let steps = 0; !state.settled; steps++) {
    const next = clock.nextTimerIn;
    assert.ok(next !== undefined, "it waits for something that no timer will bring");
    assert.ok(steps < mostSteps, "it waits again and again");
    await clock.advance(next);
  }
  return promise;
}
