import type { Endpoint } from "./contract";
import { isLimited, type Settings } from "./settings";

interface Window {
  readonly start: number;
  used: number;
}

/** Counts requests in a window for each endpoint and client; a window starts with its first request. */
export class RateLimit {
  readonly #windows = new Map<string, Window>();
  readonly #settings: Readonly<Settings>;
  readonly #now: () => number;

  constructor(settings: Readonly<Settings>, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Counts a request and returns 0, or refuses it and returns the whole seconds until the window ends, at least 1.
   * A refused request is not counted, so that frequent retries do not extend the wait.
   */
  admit(endpoint: Endpoint, clientId: string): number {
    const { requestsPerWindow, windowSeconds } = this.#settings;
    if (!isLimited(requestsPerWindow)) return 0;

    const now = this.#now();
    const key = `${endpoint} ${clientId}`;
    let window = this.#windows.get(key);
    if (!window || now >= window.start + windowSeconds * 1000) {
      window = { start: now, used: 0 };
      this.#windows.set(key, window);
    }

    if (window.used >= requestsPerWindow) return Math.ceil((window.start + windowSeconds * 1000 - now) / 1000);
    window.used += 1;
    return 0;
  }
}
