const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Reads `Retry-After` in seconds: the largest of several, each in seconds or a date (RFC 9110 section 10.2.3). A date is
 * taken relative to the answer's own `Date`, so that this machine's clock does not matter. Undefined where there is none
 * that makes sense.
 */
export function parseRetryAfter(value: string | string[] | undefined, date: string | undefined): number | undefined {
  const seconds = [value ?? []]
    .flat()
    .flatMap((text) => (HTTP_DATE.test(text.trim()) ? [secondsUntil(text, date)] : text.split(",").map(wholeSeconds)))
    .filter((each) => each >= 0);
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

function wholeSeconds(text: string): number {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
}

function secondsUntil(text: string, date: string | undefined): number {
  const from = parseHttpDate(date) ?? Date.now();
  return Math.ceil((Date.parse(text) - from) / 1000);
}

/** Reads a `Date` header as milliseconds since the epoch; undefined where it is no date. */
export function parseHttpDate(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
