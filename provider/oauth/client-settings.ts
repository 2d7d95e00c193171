import { AtlasClock } from "./atlas-clock";
import { systemClock, type Clock } from "./clock";
import type { RequestQueue } from "./request-queue";
import { retryTimeouts, type RetryTimeouts } from "./retry";

/** How long one attempt may take, in milliseconds. */
export interface Timeouts {
  /**
   * To connect, the TLS handshake included.
   *
   * @default 10_000
   */
  readonly connectMs: number;
  /**
   * From the request to the response's headers, and between two pieces of its body.
   *
   * @default 30_000
   */
  readonly responseMs: number;
  /**
   * For all of it: undici's own limits do not end a stalled CONNECT or a body that trickles.
   *
   * @default 45_000
   */
  readonly attemptMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, responseMs: 30_000, attemptMs: 45_000 };

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

/** The settings of the process, queues included. */
export const processSettings = makeClientSettings();
