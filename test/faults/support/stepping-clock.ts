import type { Clock } from "../../../provider/oauth/clock";

interface Wait {
  readonly due: number;
  readonly then: () => void;
}

/**
 * A clock for calls on real sockets: the waits between attempts are over at once, and the limit of an attempt is reached
 * only when a test says so. Its time is the sum of the waits, whatever the machine is busy with.
 */
export class SteppingClock implements Clock {
  /** How many attempts were ended by their limit. */
  attemptsEnded = 0;
  readonly #attemptMs: number;
  readonly #attempts = new Set<() => void>();
  #waits: readonly Wait[] = [];
  #elapsed = 0;
  #next: NodeJS.Immediate | undefined;

  /** @param attemptMs the limit of an attempt, by which its timer is known from a wait */
  constructor(attemptMs: number) {
    this.#attemptMs = attemptMs;
  }

  now(): number {
    return Date.UTC(2026, 10, 1, 12) + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, then: () => void): () => void {
    if (milliseconds === this.#attemptMs) {
      this.#attempts.add(then);
      return () => void this.#attempts.delete(then);
    }
    const wait = { due: this.#elapsed + milliseconds, then };
    this.#waits = [...this.#waits, wait].sort((one, other) => one.due - other.due);
    this.#schedule();
    return () => {
      this.#waits = this.#waits.filter((each) => each !== wait);
    };
  }

  /** Reaches the limit of every attempt that is under way. */
  endAttempts(): void {
    for (const end of this.#attempts) {
      this.attemptsEnded++;
      end();
    }
  }

  /** One wait after the other, so that all that follows from the first happens before the second is over. */
  #schedule(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      const [wait, ...rest] = this.#waits;
      if (wait === undefined) return;
      this.#waits = rest;
      this.#elapsed = wait.due;
      wait.then();
      this.#schedule();
    });
  }
}
