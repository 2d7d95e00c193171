import { formatSpan } from "../duration";
import type { WaitInfo } from "../oauth/call";
import { printable } from "../oauth/failure/printable";
import type { ClientSettings } from "../oauth/client-settings";

const LINE_INTERVAL_MS = 15_000;

/** Returns a listener that prints what calls wait for: a line at once, then one every 15 s at most. */
export function announceWaits(clock: ClientSettings["clock"], print: (line: string) => void): (wait: WaitInfo) => void {
  let longest: { readonly wait: WaitInfo; readonly until: number } | undefined;
  let isQuiet = false;

  const announce = (): void => {
    isQuiet = false;
    const left = longest === undefined ? 0 : longest.until - clock.monotonic();
    if (longest === undefined || left <= 0) return;
    print(printable(describeWait(longest.wait, left)));
    isQuiet = true;
    clock.after(LINE_INTERVAL_MS, announce);
  };
  return (wait) => {
    const until = clock.monotonic() + wait.waitMs;
    if (longest === undefined || until > longest.until) longest = { wait, until };
    if (!isQuiet) announce();
  };
}

function describeWait(wait: WaitInfo, leftMs: number): string {
  const { endpoint, clientId, code, waitMs, pending, succeeded, estimateMs, givesUpInMs } = wait;
  // What was known when the wait began has become shorter by as much as the wait has.
  const sinceMs = waitMs - leftMs;
  const details = [`${pending} ${pending === 1 ? "token" : "tokens"} to ${endpoint}`];
  if (succeeded > 0) details.push(`${succeeded} done`);
  // A queue that moves under a rate limit does not give up, however long it is.
  if (code === "rate_limited" && succeeded > 0 && estimateMs !== undefined) {
    details.push(`about ${formatSpan(estimateMs - sinceMs)} left`);
  } else {
    details.push(`giving up in ${formatSpan(givesUpInMs - sinceMs)}`);
  }
  // Half a second would be rounded to none.
  const retry = `retrying in ${formatSpan(Math.max(leftMs, 1_000))}`;
  return `${reasonFor(wait)}; ${retry} (client ID ${clientId}: ${details.join(", ")})`;
}

/** Why a call waits, by the code of each failure that is retried. */
const REASONS: Readonly<Record<string, (host: string) => string>> = {
  rate_limited: (host) => `Rate limited by ${host}`,
  service_unavailable: (host) => `${host} is temporarily unavailable`,
  server_error: (host) => `${host} returned an internal error`,
  unreachable: (host) => `Could not reach ${host}`,
  no_response: (host) => `No response from ${host}`,
};

function reasonFor({ code, origin }: WaitInfo): string {
  const { host } = new URL(origin);
  return REASONS[code]?.(host) ?? `Unexpected response from ${host}`;
}
