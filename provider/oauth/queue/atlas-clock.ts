import type { Clock } from "../lib/clock";
import { parseHttpDate } from "../http/date";

/** After an attempt that could not reach an origin, the local clock decides alone for so long, in milliseconds. */
const UNREACHABLE_FOR_MS = 5 * 60_000;

/**
 * What time it is at Atlas, by the `Date` of the latest response of the process. It is kept as an offset to the monotonic
 * clock, so that nobody who sets this machine's clock changes it.
 */
export class AtlasClock {
  readonly #clock: Clock;
  #offset: number | undefined;
  readonly #unreachableUntil = new Map<string, number>();
  readonly #probes = new Map<string, Promise<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch; undefined before the first response with a `Date`. */
  now(): number | undefined {
    return this.#offset === undefined ? undefined : this.#clock.monotonic() + this.#offset;
  }

  /** Learns from the `Date` header of a response; returns whether it holds a time. */
  learn(date: string | undefined): boolean {
    const time = parseHttpDate(date);
    if (time !== undefined) this.#offset = time - this.#clock.monotonic();
    return time !== undefined;
  }

  /** Notes that an attempt reached nobody at this origin who knows the time. */
  noteUnreachable(origin: string): void {
    this.#unreachableUntil.set(origin, this.#clock.monotonic() + UNREACHABLE_FOR_MS);
  }

  isUnreachable(origin: string): boolean {
    return this.#clock.monotonic() < (this.#unreachableUntil.get(origin) ?? -Infinity);
  }

  /** The attempt in flight that is going to tell the time at this origin, if there is one. */
  probeOf(origin: string): Promise<unknown> | undefined {
    return this.#probes.get(origin);
  }

  /** Makes an attempt whose outcome others wait for. */
  async probe<T>(origin: string, attempt: () => Promise<T>): Promise<T> {
    const running = attempt().finally(() => this.#probes.delete(origin));
    this.#probes.set(
      origin,
      running.catch(() => undefined),
    );
    return running;
  }
}
