import { DEFAULT_TIMEOUTS, type Timeouts } from "./http/connections";
import { AtlasClock } from "./queue/atlas-clock";
import { systemClock, type Clock } from "./lib/clock";
import type { RequestQueue } from "./queue/request-queue";
import { retryTimeouts, type RetryTimeouts } from "./queue/retry";

/** What surrounds every call: the same for all calls of a process, but not for those of a test. */
export interface ClientSettings {
  readonly clock: Clock;
  readonly atlasClock: AtlasClock;
  readonly random: () => number;
  readonly timeouts: Timeouts;
  readonly retryTimeouts: RetryTimeouts;
  /** The queues, by origin, endpoint and client ID. */
  readonly queues: Map<string, RequestQueue>;
}

export function makeClientSettings(changes: Partial<ClientSettings> = {}): ClientSettings {
  const { clock = systemClock } = changes;
  return {
    clock,
    atlasClock: new AtlasClock(clock),
    random: Math.random,
    timeouts: DEFAULT_TIMEOUTS,
    retryTimeouts: retryTimeouts(),
    queues: new Map(),
    ...changes,
  };
}

/**
 * Returns the settings of a call that ends within so many milliseconds, whatever the server does. It queues behind no other call, retries as long as
 * there is time, and does not wait for a rate limit.
 */
export function settingsWithin(milliseconds: number, settings: ClientSettings): ClientSettings {
  const endsAt = settings.clock.monotonic() + milliseconds;
  return {
    ...settings,
    retryTimeouts: { refused: milliseconds, other: milliseconds, rateLimit: 0 },
    queues: new Map(),
    /** Read for each attempt: it may take as long as there is time. */
    get timeouts() {
      const leftMs = Math.max(1, Math.ceil(endsAt - settings.clock.monotonic()));
      return { connectMs: leftMs, responseMs: leftMs, attemptMs: leftMs };
    },
  };
}

/** Returns the settings of a revocation none of whose attempts takes longer: nothing is lost if one is cut short. */
export function settingsWithAttemptsOf(milliseconds: number, settings: ClientSettings): ClientSettings {
  const { timeouts } = settings;
  return { ...settings, timeouts: { ...timeouts, attemptMs: Math.min(timeouts.attemptMs, milliseconds) } };
}

/** The settings of the process, queues included. */
export const processSettings = makeClientSettings();
