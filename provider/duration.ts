/** Milliseconds in each unit of Go's duration format, which Pulumi's `customTimeouts` uses as well. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/** Go's longest duration, some 292 years. */
const LONGEST_MS = 2 ** 63 / 1e6;

/** Parses a duration in Go's format (`90s`, `10m`, `1h30m`) to milliseconds; undefined if it is invalid, negative or too long. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  let milliseconds = 0;
  let end = 0;
  const unsigned = text.replace(/^\+/, "");
  for (const [part, amount, unit] of unsigned.matchAll(PART)) {
    milliseconds += Number(amount) * (UNITS[unit ?? ""] ?? NaN);
    end += part.length;
  }
  return end > 0 && end === unsigned.length && milliseconds < LONGEST_MS ? milliseconds : undefined;
}

/** Formats milliseconds for people, in the one or two largest units: `45 s`, `9 min`, `1 h 5 min`, `3 d`. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} d`;
}
