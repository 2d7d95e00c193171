import { parseHttpDate } from "../http/date";

/** The comma between two values; one follows the day of the week, too. */
const SEPARATOR = /,(?!\s*\d\d[ -][A-Z])/;

/**
 * Reads `Retry-After` in seconds: the largest of several, each in seconds or a date (RFC 9110 section 10.2.3). A date is
 * taken relative to the response's own `Date`, so that this machine's clock does not matter. Undefined if none
 * makes sense.
 */
export function parseRetryAfter(value: string | string[] | undefined, date: string | undefined): number | undefined {
  const seconds = [value ?? []]
    .flat()
    .flatMap((text) => text.split(SEPARATOR))
    .map((text) => secondsOf(text.trim(), date))
    .filter((value) => value >= 0);
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

function secondsOf(text: string, date: string | undefined): number {
  if (/^\d+$/.test(text)) return Number(text);
  const from = parseHttpDate(date) ?? Date.now();
  return Math.ceil(((parseHttpDate(text) ?? NaN) - from) / 1000);
}
