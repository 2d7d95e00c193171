import { contract, type DocumentedFailure } from "../support/oauth/contract";
import { answers, answersJson, type Data } from "./support/acts";
import { again, limited, once, works, type Expected } from "./support/expected";
import { testRows, type Row } from "./support/table";

interface Body {
  readonly description: string;
  readonly type?: string;
  readonly body: (failure: DocumentedFailure) => Data;
  /** Whether the `error` of OAuth can be read from it, by which the failures with 400 are told apart. */
  readonly names: boolean;
  /** What is told of the server's words; by default nothing. */
  readonly words?: RegExp;
}

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const bodies: readonly Body[] = [
  { description: "no body", body: () => "", names: false },
  { description: "a body of spaces", body: () => " \r\n", names: false },
  { description: "HTML", type: "text/html", body: () => "<html><h1>Sorry</h1></html>", names: false },
  { description: "a body that is no JSON", body: () => '{"error": invalid_request', names: false },
  { description: "a body that is null", body: () => "null", names: false },
  { description: "a body that is an array", body: ({ body }) => JSON.stringify([body]), names: false },
  { description: "a body that is a text", body: () => '"invalid_request"', names: false },
  {
    description: "ISO-8859-1",
    type: "application/json;charset=ISO-8859-1",
    body: (failure) => Buffer.from(jsonOf(failure, "müde"), "latin1"),
    names: true,
    words: /^müde$/,
  },
  {
    description: "UTF-16",
    type: "application/json; charset=utf-16",
    body: (failure) => Buffer.from(`\ufeff${jsonOf(failure, "müde")}`, "utf16le"),
    names: true,
    words: /^müde$/,
  },
  {
    description: "UTF-8 with a byte order mark",
    body: (failure) => `\ufeff${jsonOf(failure, "müde")}`,
    names: true,
    words: /^müde$/,
  },
  {
    description: "a charset that nobody knows",
    type: 'application/json; charset="klingon"',
    body: (failure) => jsonOf(failure, "müde"),
    names: true,
    words: /^müde$/,
  },
  {
    description: "invalid UTF-8",
    body: (failure) => Buffer.from(jsonOf(failure, "m\xfcde"), "latin1"),
    names: true,
    words: /^m\ufffdde$/,
  },
  {
    description: "a numeric error",
    body: ({ status }) =>
      JSON.stringify({ error: status, errorCode: "OUT_OF_ORDER", detail: "not today", reason: "x" }),
    names: false,
    words: /^not today$/,
  },
  {
    description: "a numeric description",
    body: (failure) => JSON.stringify({ ...failure.body, error_description: 42 }),
    names: true,
    words: /^42$/,
  },
  {
    description: "objects where texts should be",
    body: () => '{"error":{"toString":1},"error_description":{"toString":null},"detail":[],"reason":true}',
    names: false,
  },
  {
    description: "JSON nested 30,000 levels deep",
    body: () => `{"error":${nested(30_000)},"error_description":${nested(2)}}`,
    names: false,
  },
  {
    description: "an object's own names",
    body: (failure) => `{"__proto__":{"error":"x"},"constructor":1,${jsonOf(failure, "fine").slice(1)}`,
    names: true,
    words: /^fine$/,
  },
  {
    description: "control, ANSI and bidirectional characters",
    body: (failure) => jsonOf(failure, "a\u001b[31mb\r\nc\u202ed\u0000e\u2028f"),
    names: true,
    words: /^ab cde f$/,
  },
  {
    description: "a description of 50 KB",
    body: (failure) => jsonOf(failure, "long ".repeat(10_000)),
    names: true,
    words: /^(?:long ?){20,200}…$/,
  },
  {
    description: "all that was sent, echoed",
    body: (failure) => (request) =>
      jsonOf(failure, `${[...request.headers.values()].join(" ")} ${request.body} ${decodeURIComponent(request.body)}`),
    names: true,
    words: /\*\*\*/,
  },
];

function jsonOf({ body }: DocumentedFailure, description: string): string {
  return JSON.stringify({ ...body, error_description: description });
}

/** Without the documented `Retry-After`, which is the business of other tests. */
const documented = contract.failures.flatMap((failure) =>
  bodies.map(({ description, type = "application/json", body, names, words = /^$/ }): Row => {
    const { "retry-after": _, ...headers } = failure.headers;
    const told = failure.body === null ? "" : ` ${failure.body.error}`;
    const expected = (endpoint: "issue" | "revoke"): Expected => {
      const code = failure.status === 400 && !names ? "unexpected_response" : failure.code;
      const more = { status: failure.status, description: words };
      if (code === "rate_limited") return limited(more);
      return failure.triedAgain[endpoint] ? again(code, more) : once(code, more);
    };
    return {
      description: `${failure.status}${told} has ${description}`,
      server: answers(failure.status, body(failure), { ...headers, "content-type": type }),
      lasts: true,
      issue: expected("issue"),
      revoke: expected("revoke"),
    };
  }),
);

const unknown: readonly Row[] = [
  ...[304, 402, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415, 418, 421, 422, 425, 426, 431, 451, 499].map(
    (status): Row => ({
      description: `the status is ${status}`,
      server: answers(status),
      issue: once("unexpected_response", { status }),
      revoke: once("unexpected_response", { status }),
    }),
  ),
  // Beyond 599 a status counts as one of the server's errors (RFC 9110 section 15).
  ...[501, 502, 504, 505, 507, 511, 520, 599, 600, 999].map((status): Row => ({
    description: `the status is ${status}`,
    server: answers(status, "<html>"),
    issue: once("unexpected_response", { status }),
    revoke: again("unexpected_response", { status }),
  })),
  {
    description: "400 has an error that nobody documents",
    server: answersJson(400, { error: "invalid_scope", error_description: "what for?" }),
    issue: once("unexpected_response", { status: 400, description: /^what for\?$/ }),
    revoke: once("unexpected_response", { status: 400, description: /^what for\?$/ }),
  },
  {
    description: "a header echoes what was sent",
    server: answers(500, "", { "x-mongodb-service-version": ({ headers }) => headers.get("authorization") ?? "" }),
    issue: once("server_error", { status: 500 }),
    revoke: again("server_error", { status: 500 }),
  },
];

const successes: readonly Row[] = [
  ...[200, 201, 202, 203, 204, 205, 206, 226, 299].map((status): Row => ({
    description: `the status is ${status} and there is no body`,
    server: answers(status),
    issue: once("unexpected_response", { status, description: /no valid access_token/ }),
    revoke: works(),
  })),
  {
    description: "a success speaks of a failure, and nobody asked for an envelope",
    server: answersJson(200, { status: 401, error: "invalid_client" }),
    issue: once("unexpected_response", { status: 200 }),
    revoke: works(),
  },
  {
    description: "204 has a body all the same",
    server: answers(204, "hello"),
    issue: once("unexpected_response", { status: 204 }),
    revoke: works(),
  },
];

const patient: readonly Row[] = [
  {
    description: "503 asks to wait for longer than the budget lasts",
    server: answers(503, "", { "retry-after": "86400" }),
    issue: once("service_unavailable", { status: 503, retryable: true }),
    revoke: once("service_unavailable", { status: 503, retryable: true }),
  },
  {
    description: "429 asks to wait for a year",
    server: answers(429, "", { "retry-after": "31536000" }),
    issue: once("rate_limited", { status: 429, retryable: true }),
    revoke: once("rate_limited", { status: 429, retryable: true }),
  },
  {
    description: "429 asks to wait for longer than there is time",
    server: answers(429, "", { "retry-after": "9".repeat(400) }),
    issue: once("rate_limited", { status: 429, retryable: true }),
    revoke: once("rate_limited", { status: 429, retryable: true }),
  },
];

testRows("a documented failure has an odd body", documented);
testRows("the failure is not documented", unknown);
testRows("the status is a success", successes);
testRows("the server is in no hurry", patient);
