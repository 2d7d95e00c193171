import { formatSpan } from "./duration";
import type { WaitInfo } from "./oauth/call";
import type { Clock } from "./oauth/clock";

const BETWEEN_LINES = 15_000;

/** Makes the listener that tells a person what the calls wait for: a line at once, then one every 15 s at most. */
export function announceWaits(clock: Clock, print: (line: string) => void): (wait: WaitInfo) => void {
  let latest: { readonly wait: WaitInfo; readonly until: number } | undefined;
  let quiet = false;

  const announce = (): void => {
    quiet = false;
    const left = latest === undefined ? 0 : latest.until - clock.monotonic();
    if (latest === undefined || left <= 0) return;
    print(lineFor(latest.wait, left));
    quiet = true;
    clock.after(BETWEEN_LINES, announce);
  };
  return (wait) => {
    const until = clock.monotonic() + wait.waitMs;
    if (latest === undefined || until > latest.until) latest = { wait, until };
    if (!quiet) announce();
  };
}

function lineFor(wait: WaitInfo, left: number): string {
  const { endpoint, origin, clientId, code, waitMs, pending, succeeded, estimateMs, givesUpInMs } = wait;
  const [task, done] = endpoint === "issue" ? ["issue", "issued"] : ["revoke", "revoked"];
  // What was known when the wait began is by now as much shorter as the wait is.
  const since = waitMs - left;
  const progress =
    estimateMs === undefined
      ? ""
      : `; ${succeeded} ${done} so far, about ${formatSpan(estimateMs - since)} for these at this pace`;
  // Under the limit a queue that moves is waited for, however long it is.
  const limited = code === "rate_limited";
  const end =
    givesUpInMs === undefined || (limited && estimateMs !== undefined)
      ? ""
      : `; gives up in ${formatSpan(givesUpInMs - since)}${limited ? " if none gets through" : ""}`;
  const tokens = `${pending} ${pending === 1 ? "token" : "tokens"}`;
  // Rounded, half a second would be none.
  return `Waiting ${formatSpan(Math.max(left, 1_000))} to ${task} ${tokens} (${code}, ${new URL(origin).host}, client id ${clientId})${progress}${end}`;
}
