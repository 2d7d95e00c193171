import type { Clock } from "../lib/clock";
import { parseHttpDate } from "../http/date";

/** A host is silent after so many attempts without any response, over so many milliseconds. */
const SILENT_ATTEMPTS = 3;
const SILENT_AFTER_MS = 10_000;
/** Attempts that fail closer together than a retry follows are one: those in flight meet the same fault. */
const ONE_FAULT_MS = 400;
/** How long that counts, in milliseconds; then the host is asked again. */
const SILENT_FOR_MS = 5 * 60_000;

interface Silence {
  /** When the first attempt got no response, on the monotonic clock. */
  readonly since: number;
  /** When the last attempt that counts did. */
  readonly counted: number;
  readonly attempts: number;
  /** Why the latest of them got none, in words. */
  readonly reason: string;
}

/**
 * What time it is at each host, by the `Date` of its latest response in this process. It is kept as an offset to the monotonic
 * clock, so that setting this machine's clock does not change it.
 */
export class AtlasClock {
  readonly #clock: Clock;
  readonly #offsets = new Map<string, number>();
  readonly #silences = new Map<string, Silence>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch; undefined before the first response of that origin with a `Date`. */
  now(origin: string): number | undefined {
    const offset = this.#offsets.get(origin);
    return offset === undefined ? undefined : this.#clock.monotonic() + offset;
  }

  /** Learns from a response, whose `Date` may be missing. */
  learn(origin: string, date: string | undefined): void {
    this.#silences.delete(origin);
    const time = parseHttpDate(date);
    if (time !== undefined) this.#offsets.set(origin, time - this.#clock.monotonic());
  }

  /** Notes that an attempt got no response, and why. */
  noteSilence(origin: string, reason: string): void {
    const now = this.#clock.monotonic();
    const { since = now, counted = -Infinity, attempts = 0 } = this.#current(origin) ?? {};
    const known = now < counted + ONE_FAULT_MS ? { counted, attempts } : { counted: now, attempts: attempts + 1 };
    this.#silences.set(origin, { since, ...known, reason });
  }

  /** Milliseconds until an origin counts as silent; 0 or less once it does, `Infinity` before enough attempts. */
  silentInMs(origin: string): number {
    const { since = 0, attempts = 0 } = this.#current(origin) ?? {};
    return attempts < SILENT_ATTEMPTS ? Infinity : since + SILENT_AFTER_MS - this.#clock.monotonic();
  }

  /** Why the latest attempt got no response; undefined if it got one. */
  silenceOf(origin: string): string | undefined {
    return this.#current(origin)?.reason;
  }

  #current(origin: string): Silence | undefined {
    const silence = this.#silences.get(origin);
    return silence === undefined || this.#clock.monotonic() >= silence.since + SILENT_FOR_MS ? undefined : silence;
  }
}
