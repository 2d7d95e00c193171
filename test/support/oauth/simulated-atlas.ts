import type { Attempt } from "../../../provider/oauth/retry";
import type { FakeClock } from "../fake-clock";

export interface Rules {
  /** Requests that a window admits. */
  readonly limit: number;
  readonly windowMs: number;
  /** Milliseconds from a request to its answer. */
  readonly latencyMs: () => number;
  /** Whether a refusal says how long to wait. */
  readonly tells: boolean;
}

export interface Window {
  readonly start: number;
  admitted: number;
  refused: number;
}

/** The rate limit of Atlas in fake time: a window opens with its first request and admits so many. */
export class SimulatedAtlas {
  readonly windows: Window[] = [];
  readonly #clock: FakeClock;
  readonly #rules: Rules;

  constructor(clock: FakeClock, rules: Partial<Rules> = {}) {
    this.#clock = clock;
    this.#rules = { limit: 10, windowMs: 60_000, latencyMs: () => 100, tells: true, ...rules };
  }

  readonly request = async (): Promise<Attempt<"done">> => {
    const half = this.#rules.latencyMs() / 2;
    await this.#pass(half);
    const attempt = this.#decide();
    await this.#pass(half);
    return attempt;
  };

  #decide(): Attempt<"done"> {
    const { limit, windowMs, tells } = this.#rules;
    const now = this.#clock.monotonic();
    let window = this.windows.at(-1);
    if (window === undefined || now >= window.start + windowMs) {
      window = { start: now, admitted: 0, refused: 0 };
      this.windows.push(window);
    }
    if (window.admitted < limit) {
      window.admitted++;
      return { value: "done" };
    }
    window.refused++;
    const retryAfter = Math.ceil((window.start + windowMs - now) / 1000);
    return { failure: { code: "rate_limited", status: 429, retryable: true, ...(tells ? { retryAfter } : {}) } };
  }

  #pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(milliseconds, resolve));
  }
}
