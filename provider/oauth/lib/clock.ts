/** The time and the timers of the client, in one place so that tests can control them. */
export interface Clock {
  /** The wall clock, in milliseconds since the epoch: for expiry. */
  now(): number;
  /** A clock that never jumps, in milliseconds: for timeouts and waits. */
  monotonic(): number;
  /**
   * Runs `then` once after that many milliseconds, or after the longest wait that a timer can hold; returns a function
   * that cancels that.
   */
  after(milliseconds: number, then: () => void): () => void;
}

/** Beyond this a Node.js timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Not unref'd: a script that waits to retry its revocation must not end before it.
  after(milliseconds, then) {
    const timer = setTimeout(then, Math.min(Math.max(0, milliseconds), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
