import { Accounts } from "./accounts";
import { Failures } from "./failures";
import { Log } from "./log";
import { RateLimit } from "./rate-limit";
import { changeSettings, defaultSettings, type Settings } from "./settings";
import { Tokens } from "./tokens";

/** Everything that Local Atlas remembers. */
export interface State {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly rateLimit: RateLimit;
  readonly failures: Failures;
  readonly log: Log;
  readonly now: () => number;
}

export function createState(
  clients: Readonly<Record<string, string | readonly string[]>>,
  requested: Partial<Settings>,
  now: () => number,
): State {
  const settings = { ...defaultSettings };
  changeSettings(settings, requested);
  return {
    settings,
    accounts: new Accounts(clients),
    tokens: new Tokens(now),
    rateLimit: new RateLimit(settings, now),
    failures: new Failures(),
    log: new Log(),
    now,
  };
}
