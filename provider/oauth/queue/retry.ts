import type { Clock } from "../lib/clock";
import { notify } from "../lib/notify";
import type { Failure } from "../failure/failure";
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
  /**
   * Milliseconds until the pending calls have probably ended, at the pace that the rate limit allows or, while that is
   * unknown, at the pace so far; absent if neither is known.
   */
  readonly estimateMs?: number;
  /** Milliseconds until this call gives up unless a call in its queue succeeds. */
  readonly givesUpInMs: number;
}

export type Attempt<T> =
  | { readonly value: T }
  | { readonly failure: Failure }
  /** Nothing was sent, since the call is no longer needed. */
  | { readonly expired: true };

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
  readonly attempt: () => Promise<Attempt<T>>;
}

export type Outcome<T> =
  | { readonly value: T; readonly attempts: number }
  | { readonly expired: true; readonly attempts: number }
  | { readonly failure: Failure; readonly attempts: number };

const MIN_BACKOFF_MS = 500;
const FIRST_BACKOFF_CAP_MS = 1_000;
const MAX_BACKOFF_CAP_MS = 30_000;

/**
 * Makes attempts until one succeeds or fails in a way that no retry can change, the call is no longer needed, or its retries
 * time out. Each attempt waits for its turn in the queue.
 */
export async function withRetry<T>(call: RetryOptions<T>): Promise<Outcome<T>> {
  const ticket = call.queue.begin();
  try {
    return await retryInTurn(ticket, call);
  } finally {
    call.queue.end(ticket);
  }
}

async function retryInTurn<T>(ticket: number, call: RetryOptions<T>): Promise<Outcome<T>> {
  const { queue, clock, signal, waitSignal } = call;
  const startedAt = clock.monotonic();
  /**
   * When the retry timeout of failures other than a rate limit began: at the latest success before the first attempt. Later
   * successes of other calls do not prolong it.
   */
  let timeoutFrom: number | undefined;
  let attempts = 0;
  let sent = false;
  let backoffCap = FIRST_BACKOFF_CAP_MS;
  const remainingMs = call.remainingMs ?? ((): number => Infinity);
  const mustNotWait = (): boolean => waitSignal?.aborted === true;
  const aborted = (): Outcome<T> => ({ failure: { code: "aborted", sent, retryable: false }, attempts });
  const progressAt = (): number => Math.max(startedAt, queue.progress.lastSuccess);
  const timeLeftMs = (failure: Pick<Failure, "code" | "cause">): number => {
    const from = failure.code === "rate_limited" ? progressAt() : (timeoutFrom ?? progressAt());
    return from + timeoutFor(failure, call.timeouts) - clock.monotonic();
  };

  for (;;) {
    if (remainingMs() <= 0) return { expired: true, attempts };
    const admission = await queue.acquire(ticket, {
      signal,
      waitSignal,
      timeLeftMs: () => Math.min(remainingMs(), queue.lastFailure ? timeLeftMs(queue.lastFailure) : Infinity),
      onWait: (waitMs, code) => notifyWait(call, code, Math.min(waitMs, remainingMs()), timeLeftMs({ code })),
    });
    if (admission === "aborted") return aborted();
    if (admission === "timed out") {
      if (remainingMs() > 0 && queue.lastFailure !== undefined) return { failure: queue.lastFailure, attempts };
      continue;
    }

    timeoutFrom ??= progressAt();
    let wait: number | undefined;
    try {
      const result = await call.attempt();
      if ("expired" in result) return { ...result, attempts };
      attempts++;
      if ("value" in result) {
        queue.succeeded(ticket);
        return { ...result, attempts };
      }
      const { failure } = result;
      sent ||= failure.code === "aborted" ? failure.sent : failure.code !== "unreachable";
      if (failure.code === "aborted") return { failure: { ...failure, sent }, attempts };
      if (remainingMs() <= 0) return { expired: true, attempts };
      if (!failure.retryable) return { failure, attempts };

      const desiredWaitMs = waitFor(failure, queue, backoffCap, call.random);
      queue.failed(failure);
      const left = timeLeftMs(failure);
      if (left <= 0 || Math.min(desiredWaitMs, remainingMs()) > left) return { failure, attempts };
      if (mustNotWait()) return aborted();
      // The queue pauses before this call releases its place, so that no other call is sent in between. It never pauses for
      // longer than a call would wait.
      if (pausesQueue(failure) && desiredWaitMs <= left) queue.pause(desiredWaitMs, failure.code);
      else {
        wait = Math.min(desiredWaitMs, remainingMs());
        notifyWait(call, failure.code, wait, left);
      }
    } finally {
      queue.release();
    }
    if (wait !== undefined) {
      backoffCap = Math.min(2 * backoffCap, MAX_BACKOFF_CAP_MS);
      await pause(wait, clock, [signal, waitSignal]);
      if (mustNotWait()) return aborted();
    }
  }
}

function notifyWait(
  { queue, onWait }: RetryOptions<unknown>,
  code: Failure["code"],
  waitMs: number,
  givesUpInMs: number,
): void {
  const { pending, successes: succeeded } = queue.progress;
  const estimateMs = queue.estimateMs(waitMs);
  const estimate = estimateMs === undefined ? {} : { estimateMs };
  notify(onWait, { code, waitMs, pending, succeeded, ...estimate, givesUpInMs });
}

function pausesQueue({ code, retryAfter }: Failure): boolean {
  return code === "rate_limited" || (code === "service_unavailable" && retryAfter !== undefined);
}

function waitFor(failure: Failure, queue: RequestQueue, backoffCap: number, random: () => number): number {
  if (failure.retryAfter !== undefined) {
    // Up to a second more, so that several processes do not return at the same time. Only one of the calls that are refused
    // together adds it, since all of them wait for the longest.
    const jitterSeconds =
      failure.code !== "rate_limited" && queue.pausedForMs < failure.retryAfter * 1000 ? random() : 0;
    // Never immediately, even if Atlas asks for no wait, since it has just refused.
    return Math.max(MIN_BACKOFF_MS, (failure.retryAfter + jitterSeconds) * 1000);
  }
  // The queue knows from its pace when the next request can be sent.
  if (failure.code === "rate_limited") return 0;
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
