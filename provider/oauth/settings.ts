import { systemClock, type Clock } from "./clock";
import type { Gate } from "./gate";
import { DEFAULT_LIMITS, type Limits } from "./limits";
import { budgetsFor, type Budgets } from "./retry";

/** What surrounds every call: the same for all calls of a process, but not for those of a test. */
export interface Settings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: Limits;
  readonly budgets: Budgets;
  /** The gates, by origin, endpoint and client id. */
  readonly gates: Map<string, Gate>;
}

export function makeSettings(changes: Partial<Settings> = {}): Settings {
  return {
    clock: systemClock,
    random: Math.random,
    limits: DEFAULT_LIMITS,
    budgets: budgetsFor(),
    gates: new Map(),
    ...changes,
  };
}

/** The settings of the process, gates included. */
export const processSettings = makeSettings();
