import type { Observed } from "./observe";
import { ANY_JWT, type Expected, type Step } from "./steps";

/** One line of the table: one aspect of one response. */
export interface Finding {
  readonly aspect: string;
  readonly expected: string;
  readonly observed: string;
  /** `unknown` if nothing is documented about it. */
  readonly verdict: "as expected" | "different" | "unknown";
}

/** Not documented, but worth knowing. */
const OTHER_HEADERS = ["location", "retry-after", "ratelimit-limit", "ratelimit-remaining"];

/** Compares the status, the body and the headers that matter. */
export function compare({ expected }: Step, observed: Observed): Finding[] {
  const { status, source } = expected;
  if (observed.status === undefined) {
    return [finding("status", String(status ?? ""), `no response (${observed.error ?? "unknown error"})`, false)];
  }
  const described = status === undefined ? "" : source === "documented" ? String(status) : `${status} (${source})`;
  const matches = status === undefined ? undefined : observed.status === status;
  return [
    finding("status", described, String(observed.status), matches),
    ...bodyFindings(expected, observed),
    ...headerFindings(expected, observed),
  ];
}

function finding(aspect: string, expected: string, observed: string, matches: boolean | undefined): Finding {
  const verdict = matches === undefined ? "unknown" : matches ? "as expected" : "different";
  return { aspect, expected, observed, verdict };
}

function bodyFindings({ body, indented }: Expected, observed: Observed): Finding[] {
  const actual = observed.body;
  if (body === undefined) return [finding("body", "", show(actual), undefined)];
  if (body === null) return [finding("body", "none", show(actual), actual === null)];
  if (actual === null || typeof actual === "string") return [finding("body", "a JSON object", show(actual), false)];

  const findings = Object.entries(body).map(([name, value]) => {
    const text = actual[name] === undefined ? "missing" : show(actual[name]);
    // A token is described, not shown.
    const matches = value === ANY_JWT ? text.startsWith("(a JWT ") : actual[name] === value;
    return finding(`body: ${name}`, String(value), text, matches);
  });
  const others = Object.keys(actual).filter((name) => !(name in body));
  if (others.length > 0) {
    const text = others.map((name) => `${name}=${show(actual[name])}`).join(", ");
    findings.push(finding("body: other", "", text, undefined));
  }
  if (indented) {
    findings.push(finding("body", "indented", observed.indented ? "indented" : "one line", observed.indented));
  }
  return findings;
}

function headerFindings({ headers = {} }: Expected, observed: Observed): Finding[] {
  const expected = Object.entries(headers).map(([name, start]) => {
    const value = observed.headers[name];
    return finding(name, `${start}…`, value ?? "missing", value?.startsWith(start) === true);
  });
  const others = OTHER_HEADERS.filter((name) => name in observed.headers);
  return [...expected, ...others.map((name) => finding(name, "", observed.headers[name] ?? "", undefined))];
}

function show(value: unknown): string {
  if (value === null) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
