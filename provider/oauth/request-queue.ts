import type { Clock } from "./clock";
import type { Failure } from "./failure";
import { onAbort } from "./on-abort";

/** How a call came to leave the queue of a queue. */
export type Admission = "admitted" | "aborted" | "too late";

/** When a waiting call is no longer interested. */
export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait; a call that needs none is admitted all the same. */
  readonly waitSignal?: AbortSignal | undefined;
  /** Milliseconds after which it gives up; for ever where undefined. */
  readonly timeoutMs?: number | undefined;
}

interface Waiter {
  readonly ticket: number;
  readonly leave: (admission: Admission) => void;
}

const DEFAULT_PAUSE = 10_000;
const LONGEST_DEFAULT_PAUSE = 60_000;

/**
 * Admits the calls of one service account to one endpoint: first come, first served, a few at a time, and nobody while
 * Atlas's rate limit lasts. A call keeps its ticket, so that one that was refused goes back to the front.
 */
export class RequestQueue {
  /** How many calls may be in flight at once. */
  static readonly MAX_CONCURRENT = 8;

  readonly #clock: Clock;
  readonly #queue: Waiter[] = [];
  #tickets = 0;
  #pending = 0;
  #inFlight = 0;
  #opensAt = -Infinity;
  #closedBy: Failure["code"] = "rate_limited";
  #nextDefaultClosure = DEFAULT_PAUSE;
  #cancelOpening: (() => void) | undefined;
  #lastSuccess = -Infinity;
  #successes = 0;
  /** When the first of the calls since the last rest was admitted, and how many succeeded since: the pace. */
  #firstAdmission: number | undefined;
  #paced = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls that have begun and not ended: they wait here, for a timer of their own or for an answer. */
  get pending(): number {
    return this.#pending;
  }

  /** Calls that succeeded behind this queue so far. */
  get successes(): number {
    return this.#successes;
  }

  /** When the last call succeeded, on the monotonic clock. */
  get lastSuccess(): number {
    return this.#lastSuccess;
  }

  /** Milliseconds until the queue opens; 0 while it is open. */
  get pausedForMs(): number {
    return Math.max(0, this.#opensAt - this.#clock.monotonic());
  }

  /** What closed the queue last. */
  get pausedBy(): Failure["code"] {
    return this.#closedBy;
  }

  /**
   * Milliseconds a call has taken on average since the queue last had none, if nothing succeeds for that long from now;
   * undefined before a success.
   */
  averageMs(untilNext: number): number | undefined {
    if (this.#firstAdmission === undefined || this.#paced === 0) return undefined;
    return (this.#clock.monotonic() + untilNext - this.#firstAdmission) / this.#paced;
  }

  /** Gives a call its place in the order; who has one must {@link end}. */
  begin(): number {
    if (this.#pending === 0) {
      this.#firstAdmission = undefined;
      this.#paced = 0;
    }
    this.#pending++;
    return ++this.#tickets;
  }

  end(): void {
    this.#pending--;
  }

  /** Waits for a place; who was admitted must call {@link release}. */
  acquire(ticket: number, { signal, waitSignal, timeoutMs }: AcquireOptions): Promise<Admission> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve("aborted");
        return;
      }
      const cancelAborts = [signal, waitSignal].map((each) => onAbort(each, () => withdraw("aborted")));
      const cancelTimer =
        timeoutMs === undefined ? undefined : this.#clock.after(timeoutMs, () => withdraw("too late"));
      const waiter: Waiter = {
        ticket,
        leave(admission) {
          for (const cancel of cancelAborts) cancel();
          cancelTimer?.();
          resolve(admission);
        },
      };
      const withdraw = (admission: Admission): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        if (this.#queue.length === 0) this.#stopOpening();
        waiter.leave(admission);
      };
      const behind = this.#queue.findIndex((other) => other.ticket > ticket);
      this.#queue.splice(behind === -1 ? this.#queue.length : behind, 0, waiter);
      this.#admit();
      if (waitSignal?.aborted === true && this.#queue.includes(waiter)) withdraw("aborted");
    });
  }

  release(): void {
    this.#inFlight--;
    this.#admit();
  }

  succeeded(): void {
    this.#lastSuccess = this.#clock.monotonic();
    this.#successes++;
    this.#paced++;
    this.#nextDefaultClosure = DEFAULT_PAUSE;
  }

  /** Closes the queue for everyone, at least for that long. */
  pause(milliseconds: number, by: Failure["code"]): void {
    this.#closedBy = by;
    this.#opensAt = Math.max(this.#opensAt, this.#clock.monotonic() + milliseconds);
  }

  /** How long to close where Atlas does not say: longer each time, but once for all calls that are refused together. */
  defaultPauseMs(): number {
    const { pausedForMs } = this;
    if (pausedForMs > 0) return pausedForMs;
    const closure = this.#nextDefaultClosure;
    this.#nextDefaultClosure = Math.min(2 * closure, LONGEST_DEFAULT_PAUSE);
    return closure;
  }

  #admit(): void {
    // Looked at once: a queue that opened between two looks would be taken for closed, and then for one that needs no timer.
    const { pausedForMs } = this;
    while (pausedForMs === 0 && this.#inFlight < RequestQueue.MAX_CONCURRENT) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#inFlight++;
      this.#firstAdmission ??= this.#clock.monotonic();
      next.leave("admitted");
    }
    if (pausedForMs === 0 || this.#queue.length === 0 || this.#cancelOpening !== undefined) return;
    this.#cancelOpening = this.#clock.after(pausedForMs, () => {
      this.#cancelOpening = undefined;
      this.#admit();
    });
  }

  /** For nobody, the timer must not keep the process alive. */
  #stopOpening(): void {
    this.#cancelOpening?.();
    this.#cancelOpening = undefined;
  }
}
