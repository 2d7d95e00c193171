import type { Clock } from "./clock";
import type { Failure } from "./error";
import type { Gate } from "./gate";
import { onAbort } from "./on-abort";

/** How long a call is tried again, in milliseconds, by what stands in its way. */
export interface Budgets {
  /** A name that does not resolve, a refused connection: mostly a mistake in the base URL. */
  readonly refused: number;
  /** Any other fault, from the call's own first attempt. */
  readonly fault: number;
  /** The rate limit, without any success behind the same gate. */
  readonly rateLimit: number;
}

export const DEFAULT_PATIENCE = 5 * 60_000;

/** The budgets for a patience, which is the one for faults; the others keep their proportion to it. */
export function budgetsFor(patience = DEFAULT_PATIENCE): Budgets {
  return { refused: patience / 10, fault: patience, rateLimit: patience * 3 };
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

export type Attempt<T> = { readonly value: T } | { readonly failure: Failure };

export interface Persistence<T> {
  readonly gate: Gate;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly budgets: Budgets;
  readonly signal?: AbortSignal | undefined;
  /** The wall clock's time from which on the call is pointless. */
  readonly pointlessFrom?: number | undefined;
  readonly onWait?: ((wait: Wait) => void) | undefined;
  readonly attempt: () => Promise<Attempt<T>>;
}

export type Outcome<T> =
  | { readonly value: T; readonly attempts: number }
  | { readonly pointless: true }
  | { readonly failure: Failure; readonly attempts: number };

const SHORTEST_BACKOFF = 500;
const FIRST_BACKOFF_CAP = 1_000;
const LAST_BACKOFF_CAP = 30_000;

/** Makes attempts behind the gate until one succeeds, one fails for good, a budget is spent or the call is pointless. */
export async function persist<T>(call: Persistence<T>): Promise<Outcome<T>> {
  const ticket = call.gate.begin();
  try {
    return await persistWith(ticket, call);
  } finally {
    call.gate.end();
  }
}

async function persistWith<T>(ticket: number, call: Persistence<T>): Promise<Outcome<T>> {
  const { gate, clock, signal } = call;
  let firstAttemptAt: number | undefined;
  let sent = false;
  let backoffCap = FIRST_BACKOFF_CAP;
  const untilPointless = (): number => (call.pointlessFrom ?? Infinity) - clock.now();

  for (let attempts = 0; ;) {
    if (untilPointless() <= 0) return { pointless: true };
    if (attempts === 0 && gate.closedFor > 0) tell(call, gate.closedBy, Math.min(gate.closedFor, untilPointless()));
    const forMs = call.pointlessFrom === undefined ? undefined : untilPointless();
    const admission = await gate.enter(ticket, { signal, forMs });
    if (admission === "aborted") return { failure: { code: "aborted", sent, retryable: false }, attempts };
    if (admission === "too late") continue;

    firstAttemptAt ??= clock.monotonic();
    attempts++;
    let wait: number | undefined;
    try {
      const result = await call.attempt();
      if ("value" in result) {
        gate.succeeded();
        return { ...result, attempts };
      }
      const { failure } = result;
      sent ||= failure.code === "aborted" ? failure.sent : failure.code !== "unreachable";
      if (failure.code === "aborted") return { failure: { ...failure, sent }, attempts };
      if (untilPointless() <= 0) return { pointless: true };
      if (!failure.retryable) return { failure, attempts };

      const asked = waitFor(failure, gate, backoffCap, call.random);
      const budget = budgetLeft(failure, call, firstAttemptAt);
      if (Math.min(asked, untilPointless()) > budget) return { failure, attempts };
      tell(call, failure.code, Math.min(asked, untilPointless()), budget);
      // Closed before this call leaves, so that nobody slips in between; but never for longer than anybody would wait.
      if (closesGate(failure) && asked <= budget) gate.close(asked, failure.code);
      else wait = Math.min(asked, untilPointless());
    } finally {
      gate.leave();
    }
    if (wait !== undefined) {
      backoffCap = Math.min(2 * backoffCap, LAST_BACKOFF_CAP);
      await pause(wait, clock, signal);
    }
  }
}

function tell(
  { gate, onWait }: Persistence<unknown>,
  code: Failure["code"],
  waitMs: number,
  givesUpInMs?: number,
): void {
  const { pending, successes: succeeded } = gate;
  const average = gate.averageMs(waitMs);
  const estimate = average === undefined ? {} : { estimateMs: Math.max(waitMs, pending * average) };
  const end = givesUpInMs === undefined ? {} : { givesUpInMs };
  try {
    onWait?.({ code, waitMs, pending, succeeded, ...estimate, ...end });
  } catch {
    // A listener's mistake must not end a call that has a token to revoke.
  }
}

function closesGate({ code, retryAfter }: Failure): boolean {
  return code === "rate_limited" || (code === "service_unavailable" && retryAfter !== undefined);
}

function waitFor(failure: Failure, gate: Gate, backoffCap: number, random: () => number): number {
  if (failure.retryAfter !== undefined) {
    // Up to a second more, so that several processes do not come back together; but not by each of the calls that are
    // refused together, since all would wait for the longest.
    const more = gate.closedFor < failure.retryAfter * 1000 ? random() : 0;
    // Never at once, also where Atlas asks for no wait: it has just refused.
    return Math.max(SHORTEST_BACKOFF, (failure.retryAfter + more) * 1000);
  }
  if (failure.code === "rate_limited") return gate.defaultClosure();
  return SHORTEST_BACKOFF + random() * (backoffCap - SHORTEST_BACKOFF);
}

function budgetLeft(failure: Failure, { budgets, gate, clock }: Persistence<unknown>, firstAttemptAt: number): number {
  const now = clock.monotonic();
  if (failure.code === "rate_limited") return budgets.rateLimit - (now - Math.max(firstAttemptAt, gate.lastSuccess));
  const refused = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"].includes(failure.cause?.code ?? "");
  return (refused ? budgets.refused : budgets.fault) - (now - firstAttemptAt);
}

/** Waits; a caller's signal ends the wait early, and the next look at the gate notices it. */
function pause(milliseconds: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancelTimer();
      cancelAbort();
      resolve();
    };
    const cancelTimer = clock.after(milliseconds, end);
    const cancelAbort = onAbort(signal, end);
    if (signal?.aborted === true) end();
  });
}
