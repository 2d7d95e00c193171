import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { WaitInfo } from "../../../provider/oauth/call";
import { issue } from "../../../provider/oauth/issue";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../../provider/oauth/client-settings";
import type { RetryTimeouts } from "../../../provider/oauth/retry";
import { revoke, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { makeClientSettings, type ClientSettings } from "../../../provider/oauth/client-settings";
import { credentials, tokenToRevoke } from "./secrets";
import type { Stage } from "./stage";

/** Each allows another number of attempts, so that the number tells which one ended a call. */
export const budgets: RetryTimeouts = { fault: 500, refused: 1_000, rateLimit: 70_000 };
export const attemptsWithin = { fault: 2, refused: 3, rateLimit: 4 } as const;

/** What a call came to. */
export type Outcome = { readonly result: unknown } | { readonly error: unknown };

export interface Played {
  readonly outcome: Outcome;
  readonly waits: readonly WaitInfo[];
}

export function settingsFor(stage: Stage, timeouts: Timeouts = DEFAULT_TIMEOUTS): ClientSettings {
  // The shortest backoff each time.
  return makeClientSettings({ timeouts, retryTimeouts: budgets, clock: stage.clock, random: () => 0 });
}

/** Makes one call; it never rejects. */
export async function call(
  endpoint: Endpoint,
  options: Partial<RevokeTokenOptions> & { readonly baseUrl: string },
  settings: ClientSettings,
): Promise<Played> {
  const waits: WaitInfo[] = [];
  const all = {
    ...credentials,
    token: tokenToRevoke,
    ...options,
    onWait: (wait: WaitInfo) => {
      waits.push(wait);
      options.onWait?.(wait);
    },
  };
  try {
    return { outcome: { result: await (endpoint === "issue" ? issue : revoke)(all, settings) }, waits };
  } catch (error) {
    return { outcome: { error }, waits };
  }
}
