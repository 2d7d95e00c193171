import type { Clock } from "../lib/clock";
import { DOCUMENTED_WINDOW_MS, MAX_WINDOW_MS, type RateLimit } from "../failure/rate-limit";

interface Response {
  readonly at: number;
  readonly succeeded: boolean;
}

/** By how much a span between two responses can be shorter than at the server, in milliseconds. */
const LATENCY_MS = 500;
/** `Retry-After` is in whole seconds, so that the next one can be longer by as much, in milliseconds. */
const RETRY_AFTER_UNIT_MS = 1_000;
/** A request that was tried in vain is tried again after so many times the wait. */
const TRIAL_BACKOFF = 4;
/** The first contradiction can also come from a window that had begun before this process did. */
const MAX_CONTRADICTIONS = 2;

/**
 * Learns the rate limit of a service account from what Atlas refuses, and says when the next request can be sent without being refused.
 *
 * The rule is that of a sliding window, the strictest: in any window no more requests than the limit. It counts responses
 * rather than requests, since the server has counted a request before it responds, and counts refused ones as well, since
 * some servers do. What it allows is therefore allowed by fixed windows and token buckets, too.
 *
 * A limit that the server states is a hint: after each `Retry-After` one request is tried, whatever was stated. Once more
 * requests pass than the stated limit can let through, only what passes counts.
 */
export class Pacer {
  readonly #clock: Clock;
  /** The responses of the last window and of the stated one, oldest first. */
  #responses: readonly Response[] = [];
  /** The limit that the server stated, while it is believed. */
  #stated: RateLimit | undefined;
  #contradictions = 0;
  #windowMs = DOCUMENTED_WINDOW_MS;
  #knowsWindow = false;
  /** How many requests this process sends in a window; other processes may use the rest of the limit. */
  #share = Infinity;
  #hasSucceeded = false;
  /** When one request more than the share is tried: the limit may be higher, or another process may have ended. */
  #probeAt = Infinity;
  /** When one request is tried whatever was stated, how long after a response, and until when there are such trials. */
  #trialAt = Infinity;
  #trialMs = Infinity;
  #trialsUntil = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * How many requests may be in flight: the fewest that use the whole share if each takes a second. All of them may be
   * refused, so fewer is better.
   */
  get concurrency(): number {
    return Math.ceil((this.#share * 1000) / Math.max(this.#windowMs, this.#stated ? 0 : DOCUMENTED_WINDOW_MS));
  }

  /** Milliseconds until another request can be sent; `Infinity` if only the response of one in flight can tell. */
  waitMs(inFlight: number): number {
    if (this.#share === Infinity) return 0;
    const recent = this.#recent(this.#windowMs);
    const used = recent.length + inFlight;
    if (used < this.#share) return 0;
    const freeAt = (recent[used - this.#share]?.at ?? Infinity) + this.#windowMs;
    const probeAt = used < (this.#stated?.requests ?? Infinity) ? this.#probeAt : Infinity;
    const trialAt = inFlight === 0 ? this.#nextTrialAt : Infinity;
    return Math.max(0, Math.min(freeAt, probeAt, trialAt) - this.#clock.monotonic());
  }

  /** Milliseconds until so many more requests can have been sent; undefined if no limit is known. */
  estimateMs(requests: number): number | undefined {
    if (!this.#knowsWindow || requests === 0) return undefined;
    const now = this.#clock.monotonic();
    // Each place of the share becomes free a window after its last response, and then once in each window.
    const last = this.#recent(this.#windowMs).slice(-this.#share);
    const place = ((requests - 1) % this.#share) - (this.#share - last.length);
    const freeInMs = (last[place]?.at ?? now - this.#windowMs) + this.#windowMs - now;
    const byShare = freeInMs + Math.floor((requests - 1) / this.#share) * this.#windowMs;
    if (this.#nextTrialAt === Infinity) return byShare;
    return Math.min(byShare, this.#nextTrialAt - now + (requests - 1) * this.#trialMs);
  }

  succeeded(): void {
    this.#hasSucceeded = true;
    this.#add(true);
    if (this.#share === Infinity) return;
    // The share grows if a probe succeeds, or a request that was sent before the refusal.
    this.#share = Math.max(this.#share, this.#passed());
    this.#trialAt = this.#clock.monotonic() + this.#trialMs + RETRY_AFTER_UNIT_MS;
    if (this.#contradictsStated()) this.#startOver();
  }

  /** Learns from a refusal, which may state the limit, or how long to wait. */
  refused(stated: RateLimit | undefined, retryAfterMs = Infinity): void {
    const now = this.#clock.monotonic();
    const namesWait = retryAfterMs <= MAX_WINDOW_MS;
    this.#add(false);
    if (stated !== undefined) this.#believe(stated);
    const atLeastMs = now < this.#trialAt ? RETRY_AFTER_UNIT_MS : TRIAL_BACKOFF * this.#trialMs;
    this.#trialMs = Math.max(namesWait ? retryAfterMs : Infinity, atLeastMs);
    this.#trialAt = now + this.#trialMs;
    if (this.#contradictsStated()) this.#disbelieve();
    if (this.#stated !== undefined) this.#windowMs = this.#stated.windowMs;
    else if (!this.#knowsWindow && namesWait) {
      // At the end of the wait the server forgets the first request of the window.
      this.#windowMs = Math.min(now - (this.#responses[0]?.at ?? 0) + retryAfterMs, MAX_WINDOW_MS);
    }
    // Less than before: the wait was not that of a whole window, or another process has used a part of it.
    else if (this.#passed() < this.#share) this.#windowMs = Math.max(this.#windowMs, DOCUMENTED_WINDOW_MS);
    this.#knowsWindow = true;
    this.#share = Math.max(1, this.#passed());
    this.#probeAt = now + this.#windowMs;
    if (!this.#hasSucceeded && namesWait) {
      // Others have used up the limit, and only the server knows when it has room again.
      this.#responses = [];
      this.#probeAt = now + retryAfterMs;
    }
  }

  get #nextTrialAt(): number {
    return this.#trialAt <= this.#trialsUntil ? this.#trialAt : Infinity;
  }

  /** A limit that nothing has contradicted for one of its windows is believed without trials. */
  #believe(stated: RateLimit): void {
    if (this.#contradictions >= MAX_CONTRADICTIONS) return;
    const isNew = stated.requests !== this.#stated?.requests || stated.windowMs !== this.#stated.windowMs;
    if (isNew) this.#trialsUntil = this.#clock.monotonic() + stated.windowMs;
    this.#stated = stated;
  }

  /** Whether more has passed than the stated limit lets through in that time, with a window that slides or a bucket. */
  #contradictsStated(): boolean {
    if (this.#stated === undefined) return false;
    const { requests, windowMs } = this.#stated;
    const passed = this.#recent(windowMs).filter(({ succeeded }) => succeeded);
    const spanMs = this.#clock.monotonic() - (passed[0]?.at ?? 0) + LATENCY_MS;
    // A bucket that is refilled all the time lets the next one through sooner than any window.
    const mayBeBucket = this.#trialMs <= windowMs / requests + LATENCY_MS;
    const refilled = mayBeBucket ? spanMs / windowMs : Math.floor(spanMs / windowMs);
    return passed.length > requests * (1 + refilled);
  }

  #disbelieve(): void {
    this.#stated = undefined;
    this.#contradictions++;
    this.#knowsWindow = false;
    this.#trialsUntil = Number.MAX_VALUE;
  }

  /** Sends one request after the other until one is refused, and learns the limit from these alone. */
  #startOver(): void {
    this.#disbelieve();
    this.#responses = this.#responses.slice(-1);
    this.#share = 1;
    this.#probeAt = -Infinity;
  }

  /** How many of the last window got through. */
  #passed(): number {
    const passed = this.#recent(this.#windowMs).filter(({ succeeded }) => succeeded).length;
    return Math.min(passed, this.#stated?.requests ?? Infinity);
  }

  #recent(windowMs: number): readonly Response[] {
    const now = this.#clock.monotonic();
    // The same sum as in waitMs: otherwise rounding could make its timer fire before this response is forgotten.
    const first = this.#responses.findIndex(({ at }) => at + windowMs > now);
    return first === -1 ? [] : this.#responses.slice(first);
  }

  #add(succeeded: boolean): void {
    const recent = this.#recent(Math.max(this.#windowMs, this.#stated?.windowMs ?? DOCUMENTED_WINDOW_MS));
    this.#responses = [...recent, { at: this.#clock.monotonic(), succeeded }];
  }
}
