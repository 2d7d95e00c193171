import type { Clock } from "./clock";
import type { Failure } from "./failure";
import type { RequestQueue } from "./request-queue";
import { onAbort } from "./on-abort";

/** How long a call is tried again, in milliseconds, by what stands in its way. */
export interface RetryTimeouts {
  /** A name that does not resolve, a refused connection: mostly a mistake in the base URL. */
  readonly refused: number;
  /** Any other fault, from the call's own first attempt. */
  readonly fault: number;
  /** The rate limit, without any success behind the same queue. */
  readonly rateLimit: number;
}

export const DEFAULT_RETRY_TIMEOUT = 5 * 60_000;

/** The timeouts for a given one, which is the one for faults; the others keep their proportion to it. */
export function retryTimeouts(timeout = DEFAULT_RETRY_TIMEOUT): RetryTimeouts {
  return { refused: timeout / 10, fault: timeout, rateLimit: timeout * 3 };
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
  /** Milliseconds until the pending calls may have ended, at the pace so far; absent before the first success. */
  readonly estimateMs?: number;
  /** Milliseconds until this call gives up if nothing gets better; absent before its first attempt. */
  readonly givesUpInMs?: number;
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
  /** Ends the waits, but no attempt. */
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

const SHORTEST_BACKOFF = 500;
const FIRST_BACKOFF_CAP = 1_000;
const LAST_BACKOFF_CAP = 30_000;

/** Makes attempts behind the queue until one succeeds, one fails for good, its time is up or its deadline has passed. */
export async function withRetry<T>(call: RetryOptions<T>): Promise<Outcome<T>> {
  const ticket = call.queue.begin();
  try {
    return await retryInTurn(ticket, call);
  } finally {
    call.queue.end();
  }
}

async function retryInTurn<T>(ticket: number, call: RetryOptions<T>): Promise<Outcome<T>> {
  const { queue, clock, signal, waitSignal } = call;
  let firstAttemptAt: number | undefined;
  let sent = false;
  let backoffCap = FIRST_BACKOFF_CAP;
  const remainingMs = call.remainingMs ?? ((): number => Infinity);
  const mustNotWait = (): boolean => waitSignal?.aborted === true;
  const aborted = (attempts: number): Outcome<T> => ({
    failure: { code: "aborted", sent, retryable: false },
    attempts,
  });

  for (let attempts = 0; ;) {
    if (remainingMs() <= 0) return { expired: true, attempts };
    if (attempts === 0 && queue.pausedForMs > 0)
      notifyWait(call, queue.pausedBy, Math.min(queue.pausedForMs, remainingMs()));
    const remaining = remainingMs();
    const timeoutMs = remaining === Infinity ? undefined : remaining;
    const admission = await queue.acquire(ticket, { signal, waitSignal, timeoutMs });
    if (admission === "aborted") return aborted(attempts);
    if (admission === "too late") continue;

    firstAttemptAt ??= clock.monotonic();
    let wait: number | undefined;
    try {
      const result = await call.attempt();
      if ("expired" in result) return { ...result, attempts };
      attempts++;
      if ("value" in result) {
        queue.succeeded();
        return { ...result, attempts };
      }
      const { failure } = result;
      sent ||= failure.code === "aborted" ? failure.sent : failure.code !== "unreachable";
      if (failure.code === "aborted") return { failure: { ...failure, sent }, attempts };
      if (remainingMs() <= 0) return { expired: true, attempts };
      if (!failure.retryable) return { failure, attempts };
      if (mustNotWait()) return aborted(attempts);

      const asked = waitFor(failure, queue, backoffCap, call.random);
      const left = timeLeft(failure, call, firstAttemptAt);
      if (Math.min(asked, remainingMs()) > left) return { failure, attempts };
      notifyWait(call, failure.code, Math.min(asked, remainingMs()), left);
      // Closed before this call leaves, so that nobody slips in between; but never for longer than anybody would wait.
      if (pausesQueue(failure) && asked <= left) queue.pause(asked, failure.code);
      else wait = Math.min(asked, remainingMs());
    } finally {
      queue.release();
    }
    if (wait !== undefined) {
      backoffCap = Math.min(2 * backoffCap, LAST_BACKOFF_CAP);
      await pause(wait, clock, [signal, waitSignal]);
      if (mustNotWait()) return aborted(attempts);
    }
  }
}

function notifyWait(
  { queue, onWait }: RetryOptions<unknown>,
  code: Failure["code"],
  waitMs: number,
  givesUpInMs?: number,
): void {
  const { pending, successes: succeeded } = queue;
  const average = queue.averageMs(waitMs);
  const estimate = average === undefined ? {} : { estimateMs: Math.max(waitMs, pending * average) };
  const end = givesUpInMs === undefined ? {} : { givesUpInMs };
  try {
    onWait?.({ code, waitMs, pending, succeeded, ...estimate, ...end });
  } catch {
    // A listener's mistake must not end a call that has a token to revoke.
  }
}

function pausesQueue({ code, retryAfter }: Failure): boolean {
  return code === "rate_limited" || (code === "service_unavailable" && retryAfter !== undefined);
}

function waitFor(failure: Failure, queue: RequestQueue, backoffCap: number, random: () => number): number {
  if (failure.retryAfter !== undefined) {
    // Up to a second more, so that several processes do not come back together; but not by each of the calls that are
    // refused together, since all would wait for the longest.
    const more = queue.pausedForMs < failure.retryAfter * 1000 ? random() : 0;
    // Never at once, also where Atlas asks for no wait: it has just refused.
    return Math.max(SHORTEST_BACKOFF, (failure.retryAfter + more) * 1000);
  }
  if (failure.code === "rate_limited") return queue.defaultPauseMs();
  return SHORTEST_BACKOFF + random() * (backoffCap - SHORTEST_BACKOFF);
}

function timeLeft(failure: Failure, { timeouts, queue, clock }: RetryOptions<unknown>, firstAttemptAt: number): number {
  const now = clock.monotonic();
  if (failure.code === "rate_limited") return timeouts.rateLimit - (now - Math.max(firstAttemptAt, queue.lastSuccess));
  const refused = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"].includes(failure.cause?.code ?? "");
  return (refused ? timeouts.refused : timeouts.fault) - (now - firstAttemptAt);
}

/** Waits; a caller's signal ends the wait early. */
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
