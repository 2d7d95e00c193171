import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

import { answers, close, floods, inTurn, reset, writes, type Act, type Data } from "./support/acts";
import { again, once, works, type Expected } from "./support/expected";
import { http, type Scene } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer", expires_in: 3600 });
const MAX_BODY = 64 * 1024;
const MB = 1024 * 1024;

const truncated = once("unexpected_response", { status: 200, description: /was truncated/ });
const unclear = again("unexpected_response", { status: 200, description: /may or may not be revoked/ });

/** JSON with a token, of exactly so many bytes. */
function tokenOf(bytes: number): string {
  const padded = (padding: string): string => JSON.stringify({ ...(JSON.parse(TOKEN) as object), padding });
  return padded("x".repeat(bytes - padded("").length));
}

/** A response whose length announces ten bytes more than come before it ends. */
function short(status: number, body: string, end: Act): Act {
  return inTurn(writes(`HTTP/1.1 ${status} Status\r\ncontent-length: ${body.length + 10}\r\n\r\n${body}`), end);
}

function success(description: string, server: Act, issue: Expected = truncated): Row {
  return { description, server, issue, revoke: works() };
}

function failure(description: string, status: 500 | 503, scene: Pick<Row, "server" | "scene">): Row {
  const code = status === 500 ? "server_error" : "service_unavailable";
  const revoke = again(code, { status });
  return { description, ...scene, issue: status === 500 ? once(code, { status }) : revoke, revoke };
}

const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const trailers = `${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`;

testRows("the body is truncated because", [
  ...(
    [
      ["reset", reset],
      ["closed", close],
    ] as const
  ).flatMap(([how, end]): Row[] => [
    success(`a success is ${how} within it`, short(200, '{"access_token":"a.to', end)),
    success(`a success is ${how} before it`, short(200, "", end)),
    failure(`a failure is ${how} within it`, 500, { server: short(500, '{"error":"', end) }),
    {
      description: `an enveloped success is ${how} within it`,
      server: short(200, '{"status":200', end),
      options: { envelope: true },
      revoke: unclear,
    },
  ]),
  success("chunks stop within one", inTurn(writes(`${chunked}10\r\n{`), close)),
  success("the last chunk is missing", inTurn(writes(`${chunked}1\r\n{\r\n`), close)),
  success("the length of a chunk is not a number", writes(`${chunked}zz\r\n`)),
  success("the trailers are 200 KB", writes(`${chunked}1\r\n{\r\n0\r\n${trailers}`)),
  success("it ends after all the JSON, though more was announced", short(200, TOKEN, reset), works()),
  success(
    "only the last chunk is missing after all the JSON",
    inTurn(writes(`${chunked}${TOKEN.length.toString(16)}\r\n${TOKEN}\r\n`), close),
    works(),
  ),
  success(
    "it has no length and ends with the connection",
    inTurn(writes(`HTTP/1.1 200 OK\r\n\r\n${TOKEN}`), close),
    works(),
  ),
]);

/** A server that would send 100 MB, of which hardly more than the buffers between the two may be taken. */
function endless(head: string, piece: Buffer = Buffer.alloc(MB, " ")): Scene {
  return async (stage) => {
    let sent = 0;
    const flood = floods(piece, 100 * MB, (bytes) => (sent = Math.max(sent, bytes)));
    const target = await http({ respond: inTurn(writes(`HTTP/1.1 ${head}\r\n\r\n`), flood) })(stage);
    return { ...target, afterwards: () => assert.ok(sent < 20 * MB, `${sent} bytes were taken`) };
  };
}

const chunk = Buffer.from(`${MB.toString(16)}\r\n${" ".repeat(MB)}\r\n`);
const oneByteChunks = Buffer.from("1\r\n \r\n".repeat(MB / 6));

function encoded(description: string, encoding: string, body: Data, issue: Expected): Row {
  return success(description, answers(200, body, { "content-encoding": encoding }), issue);
}

testRows("the body", [
  ...(
    [
      ["100 MB", `content-length: ${100 * MB}`, undefined],
      ["100 MB in chunks", "transfer-encoding: chunked", chunk],
      ["100 MB in chunks of a byte", "transfer-encoding: chunked", oneByteChunks],
    ] as const
  ).flatMap(([size, header, piece]): Row[] => [
    {
      description: `of a success has ${size}`,
      scene: endless(`200 OK\r\n${header}`, piece),
      issue: truncated,
      revoke: works(),
    },
    failure(`of a failure has ${size}`, 503, { scene: endless(`503 Busy\r\n${header}`, piece) }),
  ]),
  success("is as long as is read", answers(200, tokenOf(MAX_BODY)), works()),
  success("is a byte longer than is read", answers(200, tokenOf(MAX_BODY + 1))),
  encoded("is gzip though identity was asked for", "gzip", gzipSync(TOKEN), works()),
  encoded("is a gzip bomb", "gzip", gzipSync(Buffer.alloc(32 * MB, " "), { level: 9 }), truncated),
  encoded("is not gzip, as it is said to be", "gzip", TOKEN, works()),
  failure("of a failure is a gzip bomb in gzip", 503, {
    server: answers(503, gzipSync(gzipSync(Buffer.alloc(32 * MB, " "))), { "content-encoding": "gzip, gzip" }),
  }),
]);
