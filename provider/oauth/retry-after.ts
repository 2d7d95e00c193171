/** The forms of RFC 9110 section 5.6.7, loosely: `Date.parse` alone reads a lone number as a date as well. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;
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

/** Reads a `Date` header as milliseconds since the epoch; undefined if it is no date. */
export function parseHttpDate(text = ""): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime does not say that it is UTC.
  const time = Date.parse(/(?:GMT|UTC|Z|[+-]\d{4})$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
