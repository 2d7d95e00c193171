import type { AtlasClock } from "./atlas-clock";
import { CLOCK_SKEW_MS } from "../input/lifetime";
import type { Clock } from "../lib/clock";

/** Whose clocks say that a token has expired. */
export type KnownBy = "both-clocks" | "local-clock";

/** The expiry of the token of one call, as it is known at any time of the call. */
export class TokenExpiry {
  readonly #expiresAt: number;
  readonly #origin: string;
  readonly #clock: Clock;
  readonly #atlasClock: AtlasClock;

  constructor(expiresAt: number, origin: string, clocks: { readonly clock: Clock; readonly atlasClock: AtlasClock }) {
    this.#expiresAt = expiresAt;
    this.#origin = origin;
    this.#clock = clocks.clock;
    this.#atlasClock = clocks.atlasClock;
  }

  /** Whether the token has expired on this machine's clock, and the host's is not known. */
  get isUncertain(): boolean {
    return this.knownBy === "local-clock" && this.#endsInMs(this.#clock.now()) <= 0;
  }

  get knownBy(): KnownBy {
    return this.#atlasClock.now(this.#origin) === undefined ? "local-clock" : "both-clocks";
  }

  /** Milliseconds until the token counts as expired; 0 or less once it does, `Infinity` if only an attempt can tell. */
  remainingMs(): number {
    const atlasNow = this.#atlasClock.now(this.#origin);
    const local = this.#endsInMs(this.#clock.now());
    if (atlasNow !== undefined) return Math.max(local, this.#endsInMs(atlasNow));
    // Without any response this machine's clock decides alone, but not at the first fault: it may be fast.
    return local > 0 ? local : this.#atlasClock.silentInMs(this.#origin);
  }

  #endsInMs(now: number): number {
    return this.#expiresAt + CLOCK_SKEW_MS + 1 - now;
  }
}
