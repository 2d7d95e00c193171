import type { Clock } from "../lib/clock";
import { notify } from "../lib/notify";
import { mayHaveProcessed, type Failure } from "../failure/failure";
import type { RequestQueue } from "./request-queue";
import { onAbort } from "../lib/on-abort";

/** How long a call is retried, in milliseconds, by the kind of failure. */
export interface RetryTimeouts {
  /** For a host name that does not resolve and for a refused connection, which are mostly mistakes in the base URL. */
  readonly refused: number;
  /** For any other failure but a rate limit, from the start of the call or the latest success in its queue before its first attempt. */
  readonly other: number;
  /** For a rate limit, from the start of the call or the latest success in its queue. */
  readonly rateLimit: number;
}

export const DEFAULT_RETRY_TIMEOUT_MS = 5 * 60_000;

/** Derives all three from the one that `retryTimeoutMs` sets: a tenth of it, all of it, and three times as long. */
export function retryTimeouts(timeout = DEFAULT_RETRY_TIMEOUT_MS): RetryTimeouts {
  return { refused: timeout / 10, other: timeout, rateLimit: timeout * 3 };
}

/** What a call waits for. */
export interface Wait {
  /** The code of the failure behind the wait. */
  readonly code: Failure["code"];
  /** Milliseconds until the next attempt. */
  readonly waitMs: number;
  /** Calls of the same service account to the same endpoint in this process that have not ended, this one included. */
  readonly pending: number;
  /** Those that succeeded so far. */
  readonly succeeded: number;
  /** Milliseconds until the pending calls have probably ended, at the pace of the rate limit; absent while that is unknown. */
  readonly estimateMs?: number;
  /** Milliseconds until this call gives up unless a call in its queue succeeds. */
  readonly givesUpInMs: number;
}

/** What a call or one of its attempts came to. */
export type Result<T> =
  | { readonly value: T }
  | { readonly failure: Failure }
  /** Nothing was sent, since the call is no longer needed. */
  | { readonly expired: true };

/** What a call came to, and how many attempts it made. */
export type Outcome<T> = Result<T> & { readonly attempts: number };

export interface RetryOptions<T> {
  readonly queue: RequestQueue;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly timeouts: RetryTimeouts;
  readonly signal?: AbortSignal | undefined;
  /** Ends the waits; an attempt that is being made continues. */
  readonly waitSignal?: AbortSignal | undefined;
  /** Milliseconds until the call is no longer needed; 0 or less once it is not. */
  readonly remainingMs?: (() => number) | undefined;
  readonly onWait?: ((wait: Wait) => void) | undefined;
  readonly attempt: () => Promise<Result<T>>;
}

const MIN_BACKOFF_MS = 500;
const FIRST_BACKOFF_CAP_MS = 1_000;
const MAX_BACKOFF_CAP_MS = 30_000;
/** The longest wait before an attempt, whatever `Retry-After` says: a token lives no longer. */
const MAX_WAIT_MS = 3_600_000;

/**
 * Makes attempts until one succeeds or fails in a way that no retry can change, the call is no longer needed, or its retries
 * time out. Each attempt waits for its turn in the queue.
 */
export async function withRetry<T>(options: RetryOptions<T>): Promise<Outcome<T>> {
  const { queue } = options;
  const ticket = queue.begin();
  const call = new RetriedCall(options, ticket);
  try {
    for (;;) {
      const result = (await call.waitForTurn()) ?? (await call.attempt()) ?? (await call.backOff());
      if (result !== undefined) return { ...result, attempts: call.attempts };
    }
  } finally {
    queue.end(ticket);
  }
}

/** The state of a call between its attempts. Each step returns the call's result, or undefined if it goes on. */
class RetriedCall<T> {
  attempts = 0;
  readonly #options: RetryOptions<T>;
  readonly #ticket: number;
  readonly #startedAt: number;
  /**
   * When the retry timeout of failures other than a rate limit began: at the latest success before the first attempt. Later
   * successes of other calls do not prolong it.
   */
  #timeoutFrom: number | undefined;
  /** Whether Atlas may have processed one of the requests. */
  #sent = false;
  #backoffCap = FIRST_BACKOFF_CAP_MS;
  /** How long this call waits by itself before it queues again. */
  #backoffMs = 0;

  constructor(options: RetryOptions<T>, ticket: number) {
    this.#options = options;
    this.#ticket = ticket;
    this.#startedAt = options.clock.monotonic();
  }

  /** Waits until the queue admits the call. */
  async waitForTurn(): Promise<Result<T> | undefined> {
    const { queue, signal, waitSignal } = this.#options;
    if (this.#remainingMs() <= 0) return { expired: true };
    const admission = await queue.acquire(this.#ticket, {
      signal,
      waitSignal,
      timeLeftMs: () =>
        Math.min(this.#remainingMs(), queue.lastFailure ? this.#timeLeftMs(queue.lastFailure) : Infinity),
      onWait: (waitMs, code) =>
        this.#notifyWait(code, Math.min(waitMs, this.#remainingMs()), this.#timeLeftMs({ code })),
    });
    if (admission === "aborted") return this.#aborted();
    if (admission === "timed out") {
      if (this.#remainingMs() > 0 && queue.lastFailure !== undefined) return { failure: queue.lastFailure };
      return this.waitForTurn();
    }
    return undefined;
  }

  /** Makes an attempt, and gives the call's place in flight back. */
  async attempt(): Promise<Result<T> | undefined> {
    const { queue, attempt } = this.#options;
    this.#timeoutFrom ??= this.#progressAt();
    try {
      const result = await attempt();
      if ("expired" in result) return result;
      this.attempts++;
      if ("failure" in result) return this.#afterFailure(result.failure);
      queue.succeed(this.#ticket);
      return result;
    } finally {
      // Only now: the failure may have paused the queue, and no other call is sent before that.
      queue.release();
    }
  }

  /** Waits by itself, unless the whole queue waits. */
  async backOff(): Promise<Result<T> | undefined> {
    const { clock, signal, waitSignal } = this.#options;
    if (this.#backoffMs === 0) return undefined;
    await pause(this.#backoffMs, clock, [signal, waitSignal]);
    return waitSignal?.aborted === true ? this.#aborted() : undefined;
  }

  #afterFailure(failure: Failure): Result<T> | undefined {
    const { queue, random, waitSignal } = this.#options;
    this.#sent ||= mayHaveProcessed(failure);
    if (failure.code === "aborted") return { failure: { ...failure, sent: this.#sent } };
    if (this.#remainingMs() <= 0) return { expired: true };
    if (!failure.retryable) return { failure };

    const desiredWaitMs = waitAfter(failure, queue, this.#backoffCap, random);
    const leftMs = this.#timeLeftMs(failure);
    const waitMs = Math.min(desiredWaitMs, MAX_WAIT_MS, this.#remainingMs());
    // The queue never pauses for longer than a call would wait.
    const isPaused = queue.fail(failure, desiredWaitMs <= leftMs ? Math.min(desiredWaitMs, MAX_WAIT_MS) : undefined);
    if (leftMs <= 0 || Math.min(desiredWaitMs, this.#remainingMs()) > leftMs) return { failure };
    if (waitSignal?.aborted === true) return this.#aborted();
    if (!isPaused || failure.retryAfter === undefined) {
      this.#backoffCap = Math.min(2 * this.#backoffCap, MAX_BACKOFF_CAP_MS);
    }
    this.#backoffMs = isPaused ? 0 : waitMs;
    if (!isPaused) this.#notifyWait(failure.code, waitMs, leftMs);
    return undefined;
  }

  #aborted(): Result<T> {
    return { failure: { code: "aborted", sent: this.#sent, retryable: false } };
  }

  #remainingMs(): number {
    return this.#options.remainingMs?.() ?? Infinity;
  }

  #progressAt(): number {
    return Math.max(this.#startedAt, this.#options.queue.lastSuccess);
  }

  #timeLeftMs(failure: Pick<Failure, "code" | "cause">): number {
    const { timeouts, clock } = this.#options;
    const from = failure.code === "rate_limited" ? this.#progressAt() : (this.#timeoutFrom ?? this.#progressAt());
    return from + timeoutFor(failure, timeouts) - clock.monotonic();
  }

  #notifyWait(code: Failure["code"], waitMs: number, givesUpInMs: number): void {
    const { queue, onWait } = this.#options;
    const { pending, succeeded } = queue;
    const estimateMs = queue.estimateMs(waitMs);
    const estimate = estimateMs === undefined ? {} : { estimateMs };
    notify(onWait, { code, waitMs, pending, succeeded, ...estimate, givesUpInMs });
  }
}

function waitAfter(failure: Failure, queue: RequestQueue, backoffCap: number, random: () => number): number {
  if (failure.retryAfter !== undefined) {
    // Up to a second more, so that several processes do not return at the same time. Only one of the calls that are refused
    // together adds it, since all of them wait for the longest.
    const jitterSeconds =
      failure.code !== "rate_limited" && queue.pausedForMs < failure.retryAfter * 1000 ? random() : 0;
    // Never immediately, even if Atlas asks for no wait, since it has just refused.
    return Math.max(MIN_BACKOFF_MS, (failure.retryAfter + jitterSeconds) * 1000);
  }
  return MIN_BACKOFF_MS + random() * (backoffCap - MIN_BACKOFF_MS);
}

function timeoutFor({ code, cause }: Pick<Failure, "code" | "cause">, timeouts: RetryTimeouts): number {
  if (code === "rate_limited") return timeouts.rateLimit;
  return ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"].includes(cause?.code ?? "") ? timeouts.refused : timeouts.other;
}

/** Waits, or returns early if the caller aborts. */
function pause(milliseconds: number, clock: Clock, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      for (const cancel of cancels) cancel();
      resolve();
    };
    const cancels = [clock.after(milliseconds, end), ...signals.map((signal) => onAbort(signal, end))];
    if (signals.some((signal) => signal?.aborted)) end();
  });
}
