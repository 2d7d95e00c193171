import { answersRaw, close, inTurn, reset, silence, writes } from "./support/acts";
import { again, briefly, once, works } from "./support/expected";
import { http, https, refused, unknownName } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer" });

const unreachable: readonly Row[] = [
  {
    description: "nobody listens",
    scene: refused("http"),
    issue: briefly("unreachable", { cause: "ECONNREFUSED" }),
    revoke: briefly("unreachable", { cause: "ECONNREFUSED" }),
  },
  {
    description: "nobody listens at any address of the name",
    scene: refused("http", "localhost"),
    issue: briefly("unreachable", { cause: "ECONNREFUSED" }),
    revoke: briefly("unreachable", { cause: "ECONNREFUSED" }),
  },
  {
    description: "nobody listens behind https",
    scene: refused("https"),
    issue: briefly("unreachable", { cause: "ECONNREFUSED" }),
    revoke: briefly("unreachable", { cause: "ECONNREFUSED" }),
  },
  {
    description: "the name does not resolve",
    scene: unknownName,
    issue: briefly("unreachable", { cause: "ENOTFOUND" }),
    revoke: briefly("unreachable", { cause: "ENOTFOUND" }),
  },
  {
    description: "the connection is reset during the TLS handshake",
    scene: https({ accept: reset }),
    issue: again("unreachable"),
    revoke: again("unreachable"),
  },
  {
    description: "the connection is closed during the TLS handshake",
    scene: https({ accept: close }),
    issue: again("unreachable", { cause: "ECONNRESET" }),
    revoke: again("unreachable", { cause: "ECONNRESET" }),
  },
  {
    description: "plain http answers to https",
    scene: https({ accept: writes("HTTP/1.1 400 Bad Request\r\n\r\n") }),
    issue: again("unreachable"),
    revoke: again("unreachable"),
  },
];

const noResponse: readonly Row[] = (
  [
    ["the connection is reset once the request has arrived", reset],
    ["the connection is closed without an answer", close],
    ["the connection is reset within the status line", inTurn(writes("HTTP/1.1 2"), reset)],
    ["the connection is closed within the headers", inTurn(writes("HTTP/1.1 200 OK\r\nx: "), close)],
    ["the connection is reset within the headers", inTurn(writes("HTTP/1.1 200 OK\r\nx: "), reset)],
    ["something else than HTTP answers", writes("220 mail.invalid ESMTP\r\n")],
    ["zero bytes answer", writes(Buffer.alloc(1000))],
    ["a TLS alert answers", writes(Buffer.from([21, 3, 3, 0, 2, 2, 40]))],
    ["HTTP/2 answers", writes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    ["HTTP/0.9 answers", inTurn(writes("revoked"), close)],
    ["there is a zero byte in the headers", writes("HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n")],
    ["the headers are 200 KB", writes(`HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`)],
    ["one header is 200 KB", writes(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}\r\n\r\n`)],
    ["the length is negative", writes("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n")],
    ["two lengths contradict each other", writes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 3\r\n\r\n")],
    [
      "a length contradicts the chunks",
      writes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    ["the status is 000", writes("HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n")],
    ["the status is 099", writes("HTTP/1.1 099 None\r\ncontent-length: 0\r\n\r\n")],
    ["the protocol is switched unasked", writes("HTTP/1.1 101 Switch\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")],
    ["the status is 101 and switches nothing", writes("HTTP/1.1 101 Switch\r\n\r\n")],
    // undici takes it for a broken server; RFC 9110 section 15.2 would have it ignored.
    ["it says 100 unasked", writes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")],
  ] as const
).map(([description, server]) => ({
  description,
  server,
  issue: once("no_response"),
  revoke: again("no_response"),
}));

const odd: readonly Row[] = (
  [
    ["102 and 103 come first", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", ""],
    [
      "headers are named as what every object has",
      "",
      "__proto__: x\r\n__proto__: y\r\nconstructor: z\r\nvalueOf: u\r\n",
    ],
    ["a connection is to be kept for ages", "", `keep-alive: timeout=${"9".repeat(40)}\r\n`],
    ["a connection is to be kept for no time", "", "keep-alive: timeout=0\r\n"],
    ["headers come twice", "", "date: x\r\ndate: y\r\ncontent-type: a/b\r\ncontent-type: c/d\r\nretry-after: 1\r\n"],
  ] as const
).map(([description, before, headers]) => ({
  description,
  server: answersRaw(({ target }) => {
    const body = target.endsWith("/token") ? TOKEN : "";
    return `${before}HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
  }),
  issue: works(),
  revoke: works(),
}));

const early: readonly Row[] = [
  {
    description: "an answer comes before the request was read",
    scene: http({
      accept: inTurn(writes("HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"), close),
      respond: silence,
    }),
    issue: again("service_unavailable", { status: 503 }),
    revoke: again("service_unavailable", { status: 503 }),
  },
  {
    description: "two answers come to one request",
    scene: http({
      respond: answersRaw(
        ({ target }) =>
          `HTTP/1.1 200 OK\r\ncontent-length: ${target.endsWith("/token") ? TOKEN.length : 0}\r\n\r\n` +
          `${target.endsWith("/token") ? TOKEN : ""}HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n`,
      ),
    }),
    issue: works(),
    revoke: works(),
  },
];

testRows("Atlas cannot be reached", unreachable);
testRows("no answer can be read", noResponse);
testRows("the answer is odd but clear", [...odd, ...early]);
