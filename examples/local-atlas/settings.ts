import { z } from "zod";

import { validate } from "./usage-error";

/** What may be changed while Local Atlas runs. */
export interface Settings {
  /** The lifetime of a new token, in whole seconds. Default: 3600. */
  lifetimeSeconds: number;
  /** The window of the rate limit in seconds, fractions allowed. Default: 60. */
  windowSeconds: number;
  /**
   * Requests that one client may make to one endpoint in a window; 0 or `Infinity` is no limit. Default: 10, as the
   * endpoints' pages document it, while another page of MongoDB's says 50.
   */
  requestsPerWindow: number;
  /** Active tokens that one client may have; 0 or `Infinity` is no limit. Default: 100. */
  activeTokens: number;
}

export const defaultSettings: Readonly<Settings> = {
  lifetimeSeconds: 3600,
  windowSeconds: 60,
  requestsPerWindow: 10,
  activeTokens: 100,
};

// Zod's own number types refuse Infinity.
const limit = z.custom<number>(
  (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 0),
  "expected a whole number, 0 for no limit",
);

const changes = z.strictObject({
  lifetimeSeconds: z.int("expected a whole number of seconds").min(1, "expected at least 1 second").exactOptional(),
  windowSeconds: z.number("expected a number of seconds").positive("expected more than 0 seconds").exactOptional(),
  requestsPerWindow: limit.exactOptional(),
  activeTokens: limit.exactOptional(),
});

/**
 * Applies all changes or none.
 *
 * @throws UsageError if one is invalid
 */
export function changeSettings(settings: Settings, requested: unknown): void {
  Object.assign(settings, validate(changes, requested));
}

/** Whether a limit applies. */
export function isLimited(limit: number): boolean {
  return limit > 0 && limit !== Infinity;
}
