import type { Clock } from "../lib/clock";
import { DOCUMENTED_WINDOW_MS, type RateLimit } from "../failure/rate-limit";

interface Response {
  readonly at: number;
  readonly succeeded: boolean;
}

/**
 * Learns the rate limit of a service account from what Atlas refuses, and says when the next request can be sent without being refused.
 *
 * The rule is that of a sliding window, the strictest: in any window no more requests than the limit. It counts responses
 * rather than requests, since the server has counted a request before it responds, and counts refused ones as well, since
 * some servers do. What it allows is therefore allowed by fixed windows and token buckets, too.
 */
export class Pacer {
  readonly #clock: Clock;
  /** The responses of the last window, oldest first. */
  readonly #responses: Response[] = [];
  /** The limit that the server named. */
  #statedLimit: RateLimit | undefined;
  #windowMs = DOCUMENTED_WINDOW_MS;
  /** How many requests this process sends in a window; other processes may use the rest of the limit. */
  #share = Infinity;
  #hasSucceeded = false;
  /** When one request more than the share is tried: the limit may be higher, or another process may have ended. */
  #probeAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * How many requests may be in flight: the fewest that use the whole share if each takes a second. All of them may be
   * refused, so fewer is better.
   */
  get concurrency(): number {
    return Math.ceil((this.#share * 1000) / Math.max(this.#windowMs, this.#statedLimit ? 0 : DOCUMENTED_WINDOW_MS));
  }

  /** Milliseconds until another request can be sent; `Infinity` if only a response can tell. */
  waitMs(inFlight: number): number {
    if (this.#share === Infinity) return 0;
    const recent = this.#recent();
    const used = recent.length + inFlight;
    if (used < this.#share) return 0;
    const freeAt = (recent[used - this.#share]?.at ?? Infinity) + this.#windowMs;
    const probeAt = used < (this.#statedLimit?.requests ?? Infinity) ? this.#probeAt : Infinity;
    return Math.max(0, Math.min(freeAt, probeAt) - this.#clock.monotonic());
  }

  /** Milliseconds until so many more requests can have been sent; undefined without a limit. */
  estimateMs(requests: number): number | undefined {
    if (this.#share === Infinity || requests === 0) return undefined;
    const now = this.#clock.monotonic();
    // Each place of the share becomes free a window after its last response, and then once in each window.
    const last = this.#recent().slice(-this.#share);
    const place = ((requests - 1) % this.#share) - (this.#share - last.length);
    const freeInMs = (last[place]?.at ?? now - this.#windowMs) + this.#windowMs - now;
    return freeInMs + Math.floor((requests - 1) / this.#share) * this.#windowMs;
  }

  succeeded(): void {
    this.#hasSucceeded = true;
    this.#add(true);
    // The share grows if a probe succeeds, or a request that was sent before the refusal.
    if (this.#share < Infinity) this.#share = Math.max(this.#share, this.#passed());
  }

  /** Learns from a refusal, which may name the limit, or how long to wait. */
  refused(statedLimit: RateLimit | undefined, retryAfterMs: number | undefined): void {
    const now = this.#clock.monotonic();
    this.#add(false);
    this.#statedLimit = statedLimit ?? this.#statedLimit;
    if (this.#statedLimit !== undefined) this.#windowMs = this.#statedLimit.windowMs;
    else if (this.#share === Infinity && retryAfterMs !== undefined) {
      // At the end of the wait the server forgets the first request of the window.
      this.#windowMs = now - (this.#responses[0]?.at ?? 0) + retryAfterMs;
    }
    // Less than before: the wait was not that of a whole window, or another process has used a part of it.
    else if (this.#passed() < this.#share) this.#windowMs = Math.max(this.#windowMs, DOCUMENTED_WINDOW_MS);
    this.#share = Math.max(1, this.#passed());
    this.#probeAt = now + this.#windowMs;
    if (!this.#hasSucceeded && retryAfterMs !== undefined) {
      // Others have used up the limit, and only the server knows when it has room again.
      this.#responses.length = 0;
      this.#probeAt = now + retryAfterMs;
    }
  }

  /** How many of the last window got through. */
  #passed(): number {
    const passed = this.#recent().filter(({ succeeded }) => succeeded).length;
    return Math.min(passed, this.#statedLimit?.requests ?? Infinity);
  }

  #recent(): readonly Response[] {
    const now = this.#clock.monotonic();
    // The same sum as in waitMs: otherwise rounding could make its timer fire before this response is forgotten.
    const first = this.#responses.findIndex(({ at }) => at + this.#windowMs > now);
    this.#responses.splice(0, first === -1 ? this.#responses.length : first);
    return this.#responses;
  }

  #add(succeeded: boolean): void {
    this.#recent();
    this.#responses.push({ at: this.#clock.monotonic(), succeeded });
  }
}
