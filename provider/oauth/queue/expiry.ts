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

  /** Milliseconds until the token counts as expired; 0 or less once it does, `Infinity` if only an attempt can tell. */
  remainingMs(): number {
    const atlasNow = this.#atlasClock.now();
    const end = this.#expiresAt + CLOCK_SKEW_MS + 1;
    const local = end - this.#clock.now();
    if (atlasNow !== undefined) return Math.max(local, end - atlasNow);
    return local > 0 || this.#atlasClock.isUnreachable(this.#origin) ? local : Infinity;
  }

  get knownBy(): KnownBy {
    return this.#atlasClock.now() === undefined ? "local-clock" : "both-clocks";
  }

  /**
   * Makes an attempt, if the token has not expired. If only an attempt can tell, the first such attempt decides for all
   * tokens of the process, and the others wait for it.
   *
   * @returns undefined if the token has expired
   */
  async guard<T>(
    waitFor: (probe: Promise<unknown>) => Promise<unknown>,
    attempt: () => Promise<T>,
  ): Promise<T | undefined> {
    if (this.remainingMs() === Infinity) {
      const probe = this.#atlasClock.probeOf(this.#origin);
      if (probe === undefined) return this.#atlasClock.probe(this.#origin, attempt);
      await waitFor(probe);
    }
    return this.remainingMs() <= 0 ? undefined : attempt();
  }
}
