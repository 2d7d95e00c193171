import type { Clock } from "../lib/clock";

/** Counts the calls behind one queue and how they get on. */
export class QueueProgress {
  readonly #clock: Clock;
  readonly #pending = new Set<number>();
  #successes = 0;
  #lastSuccess = -Infinity;
  /** When the first request since the queue was last empty was sent, and how many calls succeeded since. */
  #since: number | undefined;
  #succeededSince = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls that have begun and not ended. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Calls that succeeded so far. */
  get successes(): number {
    return this.#successes;
  }

  /** When the last call succeeded, on the monotonic clock. */
  get lastSuccess(): number {
    return this.#lastSuccess;
  }

  /**
   * Milliseconds until the pending calls have ended, if they go on as on average so far and the next waits for `waitMs`;
   * undefined before a success.
   */
  estimateMs(waitMs: number): number | undefined {
    if (this.#since === undefined || this.#succeededSince === 0) return undefined;
    return (this.pending * (this.#clock.monotonic() + waitMs - this.#since)) / this.#succeededSince;
  }

  begin(ticket: number): void {
    if (this.pending === 0) {
      this.#since = undefined;
      this.#succeededSince = 0;
    }
    this.#pending.add(ticket);
  }

  sent(): void {
    this.#since ??= this.#clock.monotonic();
  }

  succeeded(ticket: number): void {
    this.end(ticket);
    this.#lastSuccess = this.#clock.monotonic();
    this.#successes++;
    this.#succeededSince++;
  }

  /** Forgets the call, if it is not forgotten yet. */
  end(ticket: number): void {
    this.#pending.delete(ticket);
  }
}
