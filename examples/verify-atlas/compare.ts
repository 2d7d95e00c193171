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

/** Compares the status, the body and the headers that matter. */
export function compare({ expected }: Step, observed: Observed): Finding[] {
  return [
    statusFinding(expected, observed),
    ...bodyFindings(expected, observed),
    ...headerFindings(expected, observed),
  ];
}

function statusFinding({ status, source }: Expected, observed: Observed): Finding {
  const value = observed.status ?? `no response (${observed.error ?? "unknown error"})`;
  return {
    aspect: "status",
    expected: status === undefined ? "" : source === "documented" ? String(status) : `${status} (${source})`,
    observed: String(value),
    verdict: status === undefined ? "unknown" : value === status ? "as expected" : "different",
  };
}

function bodyFindings({ body, indented }: Expected, observed: Observed): Finding[] {
  if (observed.status === undefined) return [];
  const shown = observed.body === null ? "none" : typeof observed.body === "string" ? observed.body : "";
  if (body === undefined || body === null || shown !== "") {
    const expected = body === undefined ? "" : body === null ? "none" : "a JSON object";
    const isExpected = body === null ? observed.body === null : body !== undefined && shown === "";
    const text = shown === "" ? JSON.stringify(observed.body) : shown;
    return [
      {
        aspect: "body",
        expected,
        observed: text,
        verdict: body === undefined ? "unknown" : isExpected ? "as expected" : "different",
      },
    ];
  }

  const properties = observed.body as Readonly<Record<string, unknown>>;
  const findings = Object.entries(body).map(([name, value]): Finding => {
    const actual = properties[name];
    const text = actual === undefined ? "missing" : asText(actual);
    // A token is described, not shown.
    const matches = value === ANY_JWT ? text.startsWith("(a JWT ") : actual === value;
    return {
      aspect: `body: ${name}`,
      expected: String(value),
      observed: text,
      verdict: matches ? "as expected" : "different",
    };
  });
  const others = Object.keys(properties).filter((name) => !(name in body));
  if (others.length > 0) {
    const text = others.map((name) => `${name}=${asText(properties[name])}`).join(", ");
    findings.push({ aspect: "body: other", expected: "", observed: text, verdict: "unknown" });
  }
  if (indented) {
    const verdict = observed.indented ? "as expected" : "different";
    findings.push({
      aspect: "body",
      expected: "indented",
      observed: observed.indented ? "indented" : "one line",
      verdict,
    });
  }
  return findings;
}

function headerFindings({ headers = {} }: Expected, observed: Observed): Finding[] {
  if (observed.status === undefined) return [];
  const expected = Object.entries(headers).map(([name, start]): Finding => {
    const value = observed.headers[name];
    const verdict = value?.startsWith(start) === true ? "as expected" : "different";
    return { aspect: name, expected: `${start}…`, observed: value ?? "missing", verdict };
  });
  const others = ["location", "retry-after", "ratelimit-limit", "ratelimit-remaining"].flatMap((name): Finding[] => {
    const value = observed.headers[name];
    return value === undefined ? [] : [{ aspect: name, expected: "", observed: value, verdict: "unknown" }];
  });
  return [...expected, ...others];
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
