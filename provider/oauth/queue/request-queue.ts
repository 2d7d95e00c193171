import assert from "node:assert/strict";

import type { Clock } from "../lib/clock";
import type { Failure } from "../failure/failure";
import { onAbort } from "../lib/on-abort";
import { Pacer } from "./pacer";

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
  isNotified: boolean;
}

/**
 * Admits the calls of one service account to one endpoint: first come, first served, a few at a time, and at the pace of
 * Atlas's rate limit. A call keeps its ticket, so that one that was refused goes back to the front.
 */
export class RequestQueue {
  /** How many calls may be in flight at once. */
  static readonly MAX_CONCURRENT = 8;

  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #waiters: Waiter[] = [];
  /** The tickets of the calls that have begun and not ended. */
  readonly #pending = new Set<number>();
  #tickets = 0;
  #inFlight = 0;
  #succeeded = 0;
  #lastSuccess = -Infinity;
  #pausedUntil = -Infinity;
  #pausedBy: Failure["code"] = "rate_limited";
  #lastFailure: Failure | undefined;
  #lastRefusal: Failure | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pacer = new Pacer(clock);
  }

  /** Calls that have begun and not ended. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Calls that succeeded so far. */
  get succeeded(): number {
    return this.#succeeded;
  }

  /** When the last call succeeded, on the monotonic clock. */
  get lastSuccess(): number {
    return this.#lastSuccess;
  }

  /** The failure that calls wait for: the last one or, if a call succeeded since, the last refusal, whose limit still holds. */
  get lastFailure(): Failure | undefined {
    return this.#lastFailure ?? this.#lastRefusal;
  }

  /** Milliseconds until the end of the longest pause; 0 without one. */
  get pausedForMs(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.monotonic());
  }

  /** Milliseconds until all pending calls may have ended, if the next waits for `waitMs`; undefined if no limit is known. */
  estimateMs(waitMs: number): number | undefined {
    const estimate = this.#pacer.estimateMs(this.pending - this.#inFlight);
    return estimate === undefined ? undefined : Math.max(waitMs, estimate);
  }

  /** Gives a call its place in the order; it must {@link end}. */
  begin(): number {
    const ticket = ++this.#tickets;
    this.#pending.add(ticket);
    return ticket;
  }

  end(ticket: number): void {
    this.#pending.delete(ticket);
  }

  /** Waits for the call's turn; a call that was admitted must {@link release}. */
  acquire(ticket: number, options: AcquireOptions): Promise<Admission> {
    return new Promise((resolve) => {
      const { signal, waitSignal } = options;
      if (signal?.aborted === true) {
        resolve("aborted");
        return;
      }
      const cancels = [signal, waitSignal].map((abortSignal) => onAbort(abortSignal, () => this.#update()));
      const waiter: Waiter = {
        ...options,
        ticket,
        isNotified: false,
        settle(admission) {
          for (const cancel of cancels) cancel();
          resolve(admission);
        },
      };
      const behind = this.#waiters.findIndex((other) => other.ticket > ticket);
      this.#waiters.splice(behind === -1 ? this.#waiters.length : behind, 0, waiter);
      this.#update();
    });
  }

  release(): void {
    this.#inFlight--;
    this.#update();
  }

  succeed(ticket: number): void {
    this.#lastFailure = undefined;
    this.#lastSuccess = this.#clock.monotonic();
    this.#succeeded++;
    this.#pacer.succeeded();
    this.end(ticket);
  }

  /**
   * Takes note of a failure that is retried. If Atlas refuses all calls, all of them wait for `pauseMs`, unless it is
   * missing; returns whether they do.
   */
  fail(failure: Failure, pauseMs: number | undefined): boolean {
    this.#lastFailure = failure;
    const { code, limit, retryAfter } = failure;
    if (code === "rate_limited") {
      this.#lastRefusal = failure;
      this.#pacer.refused(limit, retryAfter && retryAfter * 1000);
    }
    const refusesAll = code === "rate_limited" || (code === "service_unavailable" && retryAfter !== undefined);
    if (!refusesAll || pauseMs === undefined) return false;
    this.#pausedBy = code;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + pauseMs);
    return true;
  }

  /** Admits all calls that it can, ends the waits that are over, and sets the timer that wakes the others. */
  #update(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#waitMs() > 0) break;
      this.#inFlight++;
      this.#settle(waiter, "admitted");
    }
    let wakeInMs = Infinity;
    for (const waiter of [...this.#waiters]) {
      const timeLeftMs = waiter.timeLeftMs?.() ?? Infinity;
      if (waiter.signal?.aborted === true || waiter.waitSignal?.aborted === true) this.#settle(waiter, "aborted");
      else if (timeLeftMs <= 0) this.#settle(waiter, "timed out");
      else wakeInMs = Math.min(wakeInMs, timeLeftMs);
    }
    const waitMs = this.#waitMs();
    this.#setTimer(Math.min(wakeInMs, waitMs));
    this.#notify(waitMs);
  }

  #settle(waiter: Waiter, admission: Admission): void {
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    waiter.settle(admission);
  }

  #setTimer(milliseconds: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiters.length === 0) return;
    assert.ok(milliseconds < Infinity || this.#inFlight > 0, "nothing would ever wake the calls that wait");
    if (milliseconds < Infinity) this.#cancelTimer = this.#clock.after(milliseconds, () => this.#update());
  }

  /** Tells each waiting call once how long the queue holds it back, and again after the queue has moved on. */
  #notify(waitMs: number): void {
    const holdsBack = waitMs < Infinity;
    const code = this.pausedForMs > 0 ? this.#pausedBy : "rate_limited";
    for (const waiter of [...this.#waiters]) {
      const isNews = holdsBack && !waiter.isNotified;
      waiter.isNotified = holdsBack;
      if (isNews) waiter.onWait?.(waitMs, code);
    }
  }

  /** Milliseconds until somebody can be admitted; `Infinity` if that takes the end of a call in flight. */
  #waitMs(): number {
    if (this.#inFlight >= Math.min(this.#pacer.concurrency, RequestQueue.MAX_CONCURRENT)) return Infinity;
    return Math.max(this.pausedForMs, this.#pacer.waitMs(this.#inFlight));
  }
}
