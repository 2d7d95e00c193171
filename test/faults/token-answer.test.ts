import { answers, answersJson, byEndpoint, healthy, type Act, type Data } from "./support/acts";
import { attemptsWithin, budgets } from "./support/call";
import { once, works, type Expected } from "./support/expected";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const usable = { access_token: issuedToken, token_type: "Bearer", expires_in: 3600 };
const hour = 3600;

const unusable = once("unexpected_response", { status: 200, description: /no valid access_token/ });

function body(description: string, text: Data, issue: Expected, type = "application/json"): Row {
  return { description, server: answers(200, text, { "content-type": type }), issue };
}

function token(description: string, access_token: unknown): Row {
  return {
    description: `the token is ${description}`,
    server: answersJson(200, { ...usable, access_token }),
    issue: unusable,
  };
}

const unreadable: readonly Row[] = [
  body("the body is empty", "", unusable),
  body("the body is HTML", "<html>", unusable),
  body("the body is null", "null", unusable),
  body("the body is a text", JSON.stringify(issuedToken), unusable),
  body("the body is an array", JSON.stringify([usable]), unusable),
  body("the body is a form", new URLSearchParams({ access_token: issuedToken }).toString(), unusable),
  body("the body is JSONP", `callback(${JSON.stringify(usable)})`, unusable),
  body("there is something after the JSON", `${JSON.stringify(usable)}}`, unusable),
  body("an envelope is around it that nobody asked for", JSON.stringify({ status: 200, content: usable }), unusable),
  body("the names are in capitals", JSON.stringify({ ACCESS_TOKEN: issuedToken, TOKEN_TYPE: "Bearer" }), unusable),
  body(
    "only the prototype has a token",
    JSON.stringify({}).replace("{", `{"__proto__":${JSON.stringify(usable)}`),
    unusable,
  ),
  token("missing", undefined),
  token("null", null),
  token("empty", ""),
  token("a number", 42),
  token("true", true),
  token("an array", [issuedToken]),
  token("an object", { value: issuedToken }),
  token("text that cannot be sent", "\ud800"),
];

const readable: readonly Row[] = [
  body(
    "the body is UTF-16",
    Buffer.from(JSON.stringify(usable), "utf16le"),
    works(),
    "application/json; charset=utf-16le",
  ),
  body("the body has a byte order mark", `\ufeff${JSON.stringify(usable)}`, works()),
  body("the body has spaces around it", `\r\n ${JSON.stringify(usable)} \r\n`, works()),
  body(
    "something deeply nested stands beside the token",
    JSON.stringify({ ...usable, more: 0 }).replace('"more":0', `"more":${"[".repeat(30_000)}${"]".repeat(30_000)}`),
    works(),
  ),
  body("the content type is another", JSON.stringify(usable), works(), "text/plain"),
  body("the content type is nonsense", JSON.stringify(usable), works(), ";;;charset=;=,"),
  ...["bearer", "BEARER"].map((token_type) =>
    body(`the token type is ${token_type}`, JSON.stringify({ ...usable, token_type }), works()),
  ),
];

/** Documented are 3600 s, which hold wherever there is nothing better. */
const lives: readonly Row[] = (
  [
    ["missing", undefined, hour],
    ["null", null, hour],
    ["0", 0, hour],
    ["negative", -1, hour],
    ["a text", "60", hour],
    ["an object", {}, hour],
    ["longer than there is time", 1e300, hour],
    ["a minute", 60, 60],
    ["a fraction", 0.5, 0.5],
    ["a day", 86_400, 86_400],
  ] as const
).map(([description, expires_in, life]) => ({
  description: `the lifetime is ${description}`,
  server: answersJson(200, { ...usable, expires_in }, { date: "Sun, 01 Nov 2026 12:00:00 GMT" }),
  issue: works({ life }),
}));

/** The token works, though not as this client hands out tokens: nobody must keep it. */
function otherType(description: string, token_type: unknown, issue: Expected, revoke: Act = healthy): Row {
  return {
    description: `the token type is ${description}`,
    server: byEndpoint({ issue: answersJson(200, { ...usable, token_type }), revoke }),
    issue,
  };
}

const revoked = (requests = 2): Expected =>
  once("unexpected_response", { status: 200, requests, mayHaveIssued: false, description: /; the token was revoked$/ });
const unrevoked = (requests: number, within = 0): Expected => works({ unrevoked: true, requests, within });

const others: readonly Row[] = [
  otherType("missing", undefined, revoked()),
  otherType("empty", "", revoked()),
  otherType("null", null, revoked()),
  otherType("a number", 1, revoked()),
  otherType("an object", { toString: null }, revoked()),
  otherType("MAC", "mac", revoked()),
  otherType("a text with a space", "Bearer ", revoked()),
  otherType("the token itself", issuedToken, revoked()),
  otherType("DPoP, and the revoke is refused", "DPoP", unrevoked(2), answers(403)),
  otherType("DPoP, and the revoke fails", "DPoP", unrevoked(1 + attemptsWithin.fault, budgets.fault), answers(500)),
  otherType(
    "DPoP, and the revoke is limited",
    "DPoP",
    unrevoked(1 + attemptsWithin.rateLimit, budgets.rateLimit),
    answers(429),
  ),
];

testRows("Atlas says 200 without a token that can be read", unreadable);
testRows("Atlas says 200 in an odd way", readable);
testRows("Atlas tells how long a token lives", lives);
testRows("Atlas issues a token of another type", others);
