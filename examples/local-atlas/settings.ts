import { z } from "zod";

import { checked } from "./mistake";

/** What may be changed while local Atlas runs. */
export interface Settings {
  /** How long a new token lives, in whole seconds. Default 3600. */
  lifetimeSeconds: number;
  /** The length of the rate limit's window in seconds, fractions allowed. Default 60. */
  windowSeconds: number;
  /** Requests that one client may make to one endpoint in a window. 0 or `Infinity`: no limit. Default 10. */
  requestsPerWindow: number;
  /** Active tokens that one client may have. 0 or `Infinity`: no limit. Default 100. */
  activeTokens: number;
}

export const defaultSettings: Readonly<Settings> = {
  lifetimeSeconds: 3600,
  windowSeconds: 60,
  requestsPerWindow: 10,
  activeTokens: 100,
};

// Zod's own numbers are finite, and `Infinity` is welcome here.
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

/** Changes all that is asked for, or nothing: a `Mistake` says what is wrong. */
export function changeSettings(settings: Settings, requested: unknown): void {
  Object.assign(settings, checked(changes, requested));
}

/** Whether a limit is in force. */
export function limits(limit: number): boolean {
  return limit > 0 && limit !== Infinity;
}
