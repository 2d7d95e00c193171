/** The forms of RFC 9110 section 5.6.7, loosely: `Date.parse` alone reads a lone number as a date as well. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/** Reads the date of a header as milliseconds since the epoch; undefined if it is no date. */
export function parseHttpDate(text = ""): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime does not say that it is UTC.
  const time = Date.parse(/(?:GMT|UTC|Z|[+-]\d{4})$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
