import type { Clock } from "../lib/clock";
import type { Failure } from "../failure/failure";
import { onAbort } from "../lib/on-abort";
import { Pacer } from "./pacer";
import { QueueProgress } from "./progress";

/** How a call left the queue. */
export type Admission = "admitted" | "aborted" | "timed out";

/** Who is notified of a wait, and what ends it. */
export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait; a call that can be admitted at once still is. */
  readonly waitSignal?: AbortSignal | undefined;
  /** Milliseconds until the call gives up its wait, asked again after each failure; for ever if missing. */
  readonly timeLeftMs?: (() => number) | undefined;
  /** Called when the queue starts to wait, with the milliseconds and the code of the failure that caused it. */
  readonly onWait?: ((waitMs: number, code: Failure["code"]) => void) | undefined;
}

interface Waiter extends AcquireOptions {
  readonly ticket: number;
  readonly settle: (admission: Admission) => void;
}

/**
 * Admits the calls of one service account to one endpoint: first come, first served, a few at a time, and at the pace of
 * Atlas's rate limit. A call keeps its ticket, so that one that was refused goes back to the front.
 */
export class RequestQueue {
  /** How many calls may be in flight at once. */
  static readonly MAX_CONCURRENT = 8;

  readonly progress: QueueProgress;
  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #waiters: Waiter[] = [];
  #tickets = 0;
  #inFlight = 0;
  #pausedUntil = -Infinity;
  #pausedBy: Failure["code"] = "rate_limited";
  #lastFailure: Failure | undefined;
  #isClosed = false;
  #cancelOpening: (() => void) | undefined;
  #cancelTimeout: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pacer = new Pacer(clock);
    this.progress = new QueueProgress(clock);
  }

  /** The failure that calls wait for: the last one, unless a call succeeded since. */
  get lastFailure(): Failure | undefined {
    return this.#lastFailure;
  }

  /** Milliseconds until the end of the longest pause; 0 without one. */
  get pausedForMs(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.monotonic());
  }

  /** Milliseconds until all pending calls may have ended, at the limit's pace or else at the pace so far. */
  estimateMs(waitMs: number): number | undefined {
    const atLimit = this.#pacer.estimateMs(this.progress.pending - this.#inFlight);
    const estimate = atLimit ?? this.progress.estimateMs(waitMs);
    return estimate === undefined ? undefined : Math.max(waitMs, estimate);
  }

  /** Gives a call its place in the order; it must {@link end}. */
  begin(): number {
    const ticket = ++this.#tickets;
    this.progress.begin(ticket);
    return ticket;
  }

  end(ticket: number): void {
    this.progress.end(ticket);
  }

  /** Waits for the call's turn; a call that was admitted must {@link release}. */
  acquire(ticket: number, options: AcquireOptions): Promise<Admission> {
    return new Promise((resolve) => {
      const { signal, waitSignal } = options;
      if (signal?.aborted === true) {
        resolve("aborted");
        return;
      }
      const cancels = [signal, waitSignal].map((abortSignal) =>
        onAbort(abortSignal, () => this.#withdraw(waiter, "aborted")),
      );
      const waiter: Waiter = {
        ...options,
        ticket,
        settle(admission) {
          for (const cancel of cancels) cancel();
          resolve(admission);
        },
      };
      const behind = this.#waiters.findIndex((other) => other.ticket > ticket);
      this.#waiters.splice(behind === -1 ? this.#waiters.length : behind, 0, waiter);
      const wasClosed = this.#isClosed;
      this.#admit();
      if (!this.#waiters.includes(waiter)) return;
      if (waitSignal?.aborted === true) this.#withdraw(waiter, "aborted");
      else if (wasClosed && this.#isClosed) this.#notify([waiter]);
    });
  }

  release(): void {
    this.#inFlight--;
    this.#admit();
  }

  succeeded(ticket: number): void {
    this.#lastFailure = undefined;
    this.#pacer.succeeded();
    this.progress.succeeded(ticket);
  }

  /** Takes note of a failure that is retried. */
  failed(failure: Failure): void {
    this.#lastFailure = failure;
    const { code, limit, retryAfter } = failure;
    const retryAfterMs = retryAfter === undefined ? undefined : retryAfter * 1000;
    if (code === "rate_limited") this.#pacer.refused(limit, retryAfterMs);
  }

  /** Admits no call for at least that many milliseconds. */
  pause(milliseconds: number, by: Failure["code"]): void {
    this.#pausedBy = by;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + milliseconds);
  }

  /** Admits all calls that it can, then sets a timer if others still wait. */
  #admit(): void {
    this.#cancelOpening?.();
    this.#cancelOpening = undefined;
    let waitMs = this.#waitMs();
    while (waitMs === 0 && this.#waiters.length > 0) {
      this.#inFlight++;
      this.progress.sent();
      this.#waiters.shift()?.settle("admitted");
      waitMs = this.#waitMs();
    }
    const wasClosed = this.#isClosed;
    this.#isClosed = waitMs > 0 && waitMs < Infinity;
    if (this.#isClosed && this.#waiters.length > 0) {
      this.#cancelOpening = this.#clock.after(waitMs, () => this.#admit());
      if (!wasClosed) this.#notify([...this.#waiters]);
    }
    this.#watchTimeouts();
  }

  /** Milliseconds until somebody can be admitted; `Infinity` if that takes the end of a call in flight. */
  #waitMs(): number {
    if (this.#inFlight >= Math.min(this.#pacer.concurrency, RequestQueue.MAX_CONCURRENT)) return Infinity;
    return Math.max(this.pausedForMs, this.#pacer.waitMs(this.#inFlight));
  }

  #notify(waiters: readonly Waiter[]): void {
    const { pausedForMs } = this;
    const waitMs = this.#waitMs();
    for (const { onWait } of waiters) onWait?.(waitMs, pausedForMs > 0 ? this.#pausedBy : "rate_limited");
  }

  #withdraw(waiter: Waiter, admission: Admission): void {
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    waiter.settle(admission);
    this.#admit();
  }

  /** Removes the waiters that have timed out, and sets a timer for the next one. */
  #watchTimeouts(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    let next = Infinity;
    for (const waiter of [...this.#waiters]) {
      const timeLeft = waiter.timeLeftMs?.() ?? Infinity;
      if (timeLeft > 0) next = Math.min(next, timeLeft);
      else {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        waiter.settle("timed out");
      }
    }
    if (next < Infinity) this.#cancelTimeout = this.#clock.after(next, () => this.#admit());
    if (this.#waiters.length === 0) this.#cancelOpening?.();
  }
}
