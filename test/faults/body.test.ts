import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

import { answers, close, floods, inTurn, reset, writes, type Act, type Data } from "./support/acts";
import { again, once, works, type Expected } from "./support/expected";
import { http, type Scene } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer", expires_in: 3600 });
const LONGEST_READ = 64 * 1024;
const MB = 1024 * 1024;

/** JSON with a token, of exactly so many bytes, and none too many to parse. */
function tokenOf(bytes: number): string {
  const padded = (padding: string): string => JSON.stringify({ ...(JSON.parse(TOKEN) as object), padding });
  return padded("x".repeat(bytes - padded("").length));
}

function lengthAndMore(status: number, missing: number, body = TOKEN): Act {
  return writes(`HTTP/1.1 ${status} Status\r\ncontent-length: ${body.length + missing}\r\n\r\n${body}`);
}

const brokeOff = once("unexpected_response", { status: 200, description: /was truncated/ });
const unread = once("unexpected_response", { status: 200, description: /no valid access_token/ });

function afterHeaders(description: string, end: Act, start = '{"access_token":"a.to'): readonly Row[] {
  return [
    {
      description: `a success is ${description}`,
      server: inTurn(lengthAndMore(200, 10, start), end),
      issue: brokeOff,
      revoke: works(),
    },
    {
      description: `a failure is ${description}`,
      server: inTurn(lengthAndMore(500, 10, start), end),
      issue: once("server_error", { status: 500 }),
      revoke: again("server_error", { status: 500 }),
    },
    {
      description: `an enveloped success is ${description}`,
      server: inTurn(lengthAndMore(200, 10, '{"status":200'), end),
      options: { envelope: true },
      revoke: again("unexpected_response", { status: 200, description: /may or may not be revoked/ }),
    },
  ];
}

const cut: readonly Row[] = [
  ...afterHeaders("reset within the body", reset),
  ...afterHeaders("closed within the body", close),
  ...afterHeaders("reset right after the headers", reset, ""),
  ...afterHeaders("closed right after the headers", close, ""),
  {
    description: "chunks stop within one",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{"), close),
    issue: brokeOff,
    revoke: works(),
  },
  {
    description: "the last chunk is missing",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"), close),
    issue: brokeOff,
    revoke: works(),
  },
  {
    description: "the length of a chunk is none",
    server: writes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    issue: brokeOff,
    revoke: works(),
  },
  {
    description: "the trailers are 200 KB",
    server: writes(
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`,
    ),
    issue: brokeOff,
    revoke: works(),
  },
  {
    description: "the connection breaks after all of the JSON, though more was announced",
    server: inTurn(lengthAndMore(200, 10), reset),
    issue: works(),
    revoke: works(),
  },
  {
    description: "the last chunk alone is missing after all of the JSON",
    server: inTurn(
      writes(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${TOKEN.length.toString(16)}\r\n${TOKEN}\r\n`),
      close,
    ),
    issue: works(),
    revoke: works(),
  },
  {
    description: "a body without a length ends with its connection",
    server: inTurn(writes(`HTTP/1.1 200 OK\r\n\r\n${TOKEN}`), close),
    issue: works(),
    revoke: works(),
  },
];

/** A server that would send 100 MB, of which hardly more than the buffers between the two may be taken. */
function endless(head: string, piece: Buffer = Buffer.alloc(MB, " ")): Scene {
  return async (stage) => {
    let sent = 0;
    const flood = floods(piece, 100 * MB, (bytes) => (sent = Math.max(sent, bytes)));
    const target = await http({ respond: inTurn(writes(`HTTP/1.1 ${head}\r\n\r\n`), flood) })(stage);
    return { ...target, afterwards: () => assert.ok(sent < 20 * MB, `${sent} bytes were taken`) };
  };
}

function huge(description: string, headers: string, piece?: Buffer): readonly Row[] {
  return [
    {
      description: `a success has 100 MB${description}`,
      scene: endless(`200 OK\r\n${headers}`, piece),
      issue: brokeOff,
      revoke: works(),
    },
    {
      description: `a failure has 100 MB${description}`,
      scene: endless(`503 Busy\r\n${headers}`, piece),
      issue: again("service_unavailable", { status: 503 }),
      revoke: again("service_unavailable", { status: 503 }),
    },
  ];
}

const chunk = Buffer.from(`${MB.toString(16)}\r\n${" ".repeat(MB)}\r\n`);
const oneByteChunks = Buffer.from("1\r\n \r\n".repeat(MB / 6));

function encoded(description: string, encoding: string, body: Data, issue: Expected): Row {
  return {
    description,
    server: answers(200, body, { "content-type": "application/json", "content-encoding": encoding }),
    issue,
    revoke: works(),
  };
}

const long: readonly Row[] = [
  ...huge("", `content-length: ${100 * MB}`),
  ...huge(" in chunks", "transfer-encoding: chunked", chunk),
  ...huge(" in chunks of a byte", "transfer-encoding: chunked", oneByteChunks),
  ...huge(" without a length", "x: y"),
  {
    description: "a body is as long as is read",
    server: answers(200, tokenOf(LONGEST_READ)),
    issue: works(),
    revoke: works(),
  },
  {
    description: "a body is a byte longer than is read",
    server: answers(200, tokenOf(LONGEST_READ + 1)),
    issue: brokeOff,
    revoke: works(),
  },
];

const encodings: readonly Row[] = [
  encoded("gzip comes though identity was asked for", "gzip", gzipSync(TOKEN), unread),
  encoded("a gzip bomb comes", "gzip", gzipSync(Buffer.alloc(32 * MB, " "), { level: 9 }), unread),
  encoded("gzip is said and not meant", "gzip", TOKEN, works()),
  encoded("an unknown encoding is said", "rot13", TOKEN, works()),
  {
    description: "a failure is a gzip bomb",
    server: answers(503, gzipSync(Buffer.alloc(32 * MB, " ")), { "content-encoding": "gzip, gzip" }),
    issue: again("service_unavailable", { status: 503 }),
    revoke: again("service_unavailable", { status: 503 }),
  },
];

testRows("the body is cut", cut);
testRows("the body is long", long);
testRows("the body is encoded", encodings);
