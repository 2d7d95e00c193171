import { answersRaw, close, inTurn, reset, silence, writes, type Act } from "./support/acts";
import { again, briefly, once, works } from "./support/expected";
import { http, https, refused, type Scene } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer" });
/** Too long for DNS, so that no resolver is asked. */
const unknownName: Scene = () => Promise.resolve({ baseUrl: `https://${"x".repeat(64)}.invalid` });

testRows("Atlas cannot be reached:", [
  ...(
    [
      ["nobody listens", refused("http"), "ECONNREFUSED"],
      ["nobody listens at any address of the name", refused("http", "localhost"), "ECONNREFUSED"],
      ["nobody listens behind https", refused("https"), "ECONNREFUSED"],
      ["the name does not resolve", unknownName, "ENOTFOUND"],
    ] as const
  ).map(([description, scene, cause]): Row => {
    const expected = briefly("unreachable", { cause });
    return { description, scene, issue: expected, revoke: expected };
  }),
  ...Object.entries({
    "the connection is reset during the TLS handshake": reset,
    "the connection is closed during the TLS handshake": close,
    "plain http answers to https": writes("HTTP/1.1 400 Bad Request\r\n\r\n"),
  }).map(([description, accept]): Row => {
    const expected = again("unreachable");
    return { description, scene: https({ accept }), issue: expected, revoke: expected };
  }),
]);

const OK = "HTTP/1.1 200 OK\r\n";
const unreadable: Record<string, Act> = {
  "the connection is reset once the request has arrived": reset,
  "the connection is closed without a response": close,
  "the connection is reset within the status line": inTurn(writes("HTTP/1.1 2"), reset),
  "the connection is closed within the headers": inTurn(writes(`${OK}x: `), close),
  "something else than HTTP answers": writes("220 mail.invalid ESMTP\r\n"),
  "zero bytes answer": writes(Buffer.alloc(1000)),
  "a TLS alert answers": writes(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
  "HTTP/2 answers": writes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "HTTP/0.9 answers": inTurn(writes("revoked"), close),
  "there is a zero byte in the headers": writes(`${OK}x: a\0b\r\ncontent-length: 0\r\n\r\n`),
  "the headers are 200 KB": writes(`${OK}${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`),
  "the length is negative": writes(`${OK}content-length: -5\r\n\r\n`),
  "two lengths contradict each other": writes(`${OK}content-length: 0\r\ncontent-length: 3\r\n\r\n`),
  "a length contradicts the chunks": writes(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  "the status is 000": writes("HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n"),
  "the protocol is switched unasked": writes("HTTP/1.1 101 Switch\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"),
  "the status is 101 and switches nothing": writes("HTTP/1.1 101 Switch\r\n\r\n"),
  // undici takes it for a broken server, whereas RFC 9110 section 15.2 would have it ignored.
  "it says 100 unasked": writes(`HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 0\r\n\r\n`),
};
testRows(
  "no response can be read:",
  Object.entries(unreadable).map(([description, server]) => ({
    description,
    server,
    issue: once("no_response"),
    revoke: again("no_response"),
  })),
);

/** A good response with something before it, in its headers or behind it. */
function odd(description: string, { before = "", headers = "", behind = "" }): Row {
  const server = answersRaw(({ target }) => {
    const body = target.endsWith("/token") ? TOKEN : "";
    return `${before}${OK}${headers}content-length: ${body.length}\r\n\r\n${body}${behind}`;
  });
  return { description, server, issue: works(), revoke: works() };
}

const busy = again("service_unavailable", { status: 503 });
testRows("the response is odd but clear:", [
  odd("102 and 103 come first", {
    before: "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
  }),
  odd("headers have the names of what every object has", { headers: "__proto__: x\r\n__proto__: y\r\nvalueOf: u\r\n" }),
  odd("a connection is to be kept for ages", { headers: `keep-alive: timeout=${"9".repeat(40)}\r\n` }),
  odd("a connection is to be kept for no time", { headers: "keep-alive: timeout=0\r\n" }),
  odd("headers come twice", { headers: "date: x\r\ndate: y\r\ncontent-type: a/b\r\ncontent-type: c/d\r\n" }),
  odd("two responses come to one request", { behind: "HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n" }),
  {
    description: "a response comes before the request was read",
    scene: http({
      accept: inTurn(writes("HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"), close),
      respond: silence,
    }),
    issue: busy,
    revoke: busy,
  },
]);
