import { answers, answersJson, type Data } from "./support/acts";
import { again, limited, once, works } from "./support/expected";
import { testRows, type Row } from "./support/table";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const error = (description: unknown): string =>
  JSON.stringify({ error: "invalid_client", error_description: description });

/** A 401 with a body, and what is said of the server's words. */
function rejected(description: string, body: Data, words: RegExp, type = "application/json"): Row {
  const expected = once("invalid_client", { status: 401, description: words });
  return { description, server: answers(401, body, { "content-type": type }), issue: expected, revoke: expected };
}

const bodies: readonly Row[] = [
  rejected("nothing", "", /^$/),
  rejected("HTML", "<html><h1>Sorry</h1></html>", /^$/, "text/html"),
  rejected("ISO-8859-1", Buffer.from(error("müde"), "latin1"), /^müde$/, "application/json;charset=ISO-8859-1"),
  rejected("UTF-16", Buffer.from(`\ufeff${error("müde")}`, "utf16le"), /^müde$/, "text/plain; charset=utf-16"),
  rejected("UTF-8 with a byte order mark", `\ufeff${error("müde")}`, /^müde$/),
  rejected("an unknown charset", error("müde"), /^müde$/, 'application/json; charset="klingon"'),
  rejected("invalid UTF-8", Buffer.from(error("m\xfcde"), "latin1"), /^m\ufffdde$/),
  rejected("JSON nested 30,000 levels deep", `{"error":${nested(30_000)},"error_description":[]}`, /^$/),
  rejected("control, ANSI and bidirectional characters", error("a\u001b[31mb\r\nc\u202ed\u0000e\u2028f"), /^ab cde f$/),
  rejected("a description of 50 KB", error("long ".repeat(10_000)), /^(?:long ?){20,200}…$/),
  rejected(
    "all that was sent",
    ({ headers, body }) => error(`${[...headers.values()].join(" ")} ${body} ${decodeURIComponent(body)}`),
    /\*\*\*/,
  ),
];

/** Beyond 599 a status counts as one of the server's errors (RFC 9110 section 15). */
const undocumented: readonly Row[] = [304, 404, 408, 418, 425, 499, 501, 502, 504, 599, 600, 999].map((status) => {
  const retried = status === 408 || status === 425 || status > 500;
  return {
    description: `the status ${status}`,
    server: answers(status),
    issue: once("unexpected_response", { status }),
    revoke: (retried ? again : once)("unexpected_response", { status }),
  };
});

const others: readonly Row[] = [
  ...["86400", "31536000", "9".repeat(400)].map((seconds): Row => {
    const expected = once("service_unavailable", { status: 503, retryable: true });
    const server = answers(503, "", { "retry-after": seconds });
    return { description: `a 503 and Retry-After: ${seconds.slice(0, 20)}`, server, issue: expected, revoke: expected };
  }),
  { description: "a 429 each time", server: answers(429), issue: limited(), revoke: limited() },
  {
    description: "a header that echoes what was sent",
    server: answers(500, "", { "x-mongodb-service-version": ({ headers }) => headers.get("authorization") ?? "" }),
    issue: once("server_error", { status: 500 }),
    revoke: again("server_error", { status: 500 }),
  },
  {
    description: "a 2xx that speaks of a failure",
    server: answersJson(200, { status: 401, error: "invalid_client" }),
    issue: once("unexpected_response", { status: 200 }),
    revoke: works(),
  },
  {
    description: "a body for a 204",
    server: answers(204, "hello"),
    issue: once("unexpected_response", { status: 204 }),
    revoke: works(),
  },
];

testRows("the server responds with", [...bodies, ...undocumented, ...others]);
