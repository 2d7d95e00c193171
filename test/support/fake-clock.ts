import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import type { Clock } from "../../provider/oauth/lib/clock";

interface Timer {
  readonly at: number;
  readonly then: () => void;
}

/** As the contract of `Clock.after` says: what no timer can hold ends earlier. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Far more than any test needs: what never ends must fail, rather than hang. */
const MOST_STEPS = 100_000;

/**
 * A clock whose time passes only in {@link advance}: no test sleeps, and what it sees does not depend on the machine.
 *
 * It rules over timers and promises, not over sockets: what waits for the network has not moved when `advance` returns.
 */
export class FakeClock implements Clock {
  /** Milliseconds by which the wall clock is off, as after somebody set it; the monotonic one does not notice. */
  wallOffset = 0;
  readonly #start: number;
  readonly #timers = new Set<Timer>();
  #elapsed = 0;
  #uses = 0;

  /** @param start the wall clock's first time, in milliseconds since the epoch; the monotonic one starts at 0 */
  constructor(start = Date.UTC(2026, 10, 1, 12)) {
    this.#start = start;
  }

  now(): number {
    this.#use();
    return this.#start + this.#elapsed + this.wallOffset;
  }

  monotonic(): number {
    this.#use();
    return this.#elapsed;
  }

  after(milliseconds: number, then: () => void): () => void {
    this.#use();
    const timer = { at: this.#elapsed + Math.min(Math.max(0, milliseconds), MAX_TIMER_MS), then };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers wait to run: 0 once everything that was started has ended or was cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer runs; undefined where none waits. */
  get nextTimerIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#elapsed;
  }

  /**
   * Lets time pass and runs what becomes due, in the order of its time and, at the same time, of its making. All that
   * follows from one timer by way of promises happens before the next runs. `advance(0)` settles what is due already.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await this.#settled();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#elapsed = next.at;
      this.#timers.delete(next);
      next.then();
      await this.#settled();
    }
    this.#elapsed = end;
  }

  /** Lets time pass, from one timer to the next, until a promise has settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const end = (): void => void (state.settled = true);
    promise.then(end, end);
    await this.advance(0);
    for (let steps = 0; !state.settled; steps++) {
      const next = this.nextTimerIn;
      assert.ok(next !== undefined, "it waits for something that no timer will bring");
      assert.ok(steps < MOST_STEPS, "it waits again and again");
      await this.advance(next);
    }
    return promise;
  }

  #next(): Timer | undefined {
    return [...this.#timers].reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
  }

  /** Ends a loop that only promises drive, which would keep Node.js from ever running the timeout of its test. */
  #use(): void {
    assert.ok(++this.#uses < MOST_STEPS, "it waits again and again without letting time pass");
  }

  /** Node.js runs every microtask, and those that they add, before the next immediate. */
  async #settled(): Promise<void> {
    await setImmediate();
    this.#uses = 0;
  }
}
