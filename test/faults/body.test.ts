import assert from "node:assert/strict";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";

import { close, inTurn, reset, responds, writes, type Act } from "./support/acts";
import { http, type Scene } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, type Row } from "./support/table";

const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer", expires_in: 3600 });
const MAX_BODY = 64 * 1024;
const MB = 1024 * 1024;
const truncated = "unexpected_response 200, a token may exist, after 1 attempt: the response was truncated";

/** A response whose length announces ten bytes more than come before it ends. */
function short(status: number, body: string, end: Act): Act {
  return inTurn(writes(`HTTP/1.1 ${status} Status\r\ncontent-length: ${body.length + 10}\r\n\r\n${body}`), end);
}

const unreadable = "unexpected_response 200, after 2 attempts: the response could not be read";

/** A revoke is repeated if it is not certain what the response to it said. */
function success(description: string, server: Act, issue = truncated, revoke = unreadable): Row {
  return { description, server, issue, revoke };
}

function busy(description: string, scene: Pick<Row, "server" | "scene">): Row {
  const ending = "service_unavailable 503, after 2 attempts";
  return { description, ...scene, issue: ending, revoke: ending };
}

const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const trailers = `${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`;

testRows("a truncated body counts as far as it came if", [
  success("a success is reset within it", short(200, '{"access_token":"a.to', reset)),
  success("a success is closed within it", short(200, '{"access_token":"a.to', close)),
  success("a success is closed before it", short(200, "", close)),
  busy("a failure is reset within it", { server: short(503, '{"error":"', reset) }),
  success("a chunk is truncated", inTurn(writes(`${chunked}10\r\n{`), close)),
  success("the last chunk is missing", inTurn(writes(`${chunked}1\r\n{\r\n`), close)),
  success("the length of a chunk is not a number", writes(`${chunked}zz\r\n`)),
  success("the trailers have 200 KB", writes(`${chunked}1\r\n{\r\n0\r\n${trailers}`)),
  success("all the JSON came, though more was announced", short(200, TOKEN, reset), "issued"),
  success(
    "all the JSON came, and only the last chunk is missing",
    inTurn(writes(`${chunked}${TOKEN.length.toString(16)}\r\n${TOKEN}\r\n`), close),
    "issued",
  ),
  success(
    "all the JSON came, and the end of the connection is its end",
    inTurn(writes(`HTTP/1.1 200 OK\r\n\r\n${TOKEN}`), close),
    "issued",
    "revoked",
  ),
]);

/** JSON with a token, of exactly so many bytes. */
function tokenOf(bytes: number): string {
  const padded = (padding: string): string => JSON.stringify({ ...(JSON.parse(TOKEN) as object), padding });
  return padded("x".repeat(bytes - padded("").length));
}

/** A server that would send 100 MB, of which hardly more than the buffers between the two may be taken. */
function endless(head: string, piece: Buffer): Scene {
  return (stage) => {
    let sent = 0;
    stage.onClose(() => assert.ok(sent < 20 * MB, `${sent} bytes were taken`));
    const flood: Act = async ({ socket }) => {
      function* pieces(): Iterable<Buffer> {
        for (let bytes = 0; bytes < 100 * MB; bytes += piece.length) {
          sent = Math.max(sent, bytes);
          yield piece;
        }
      }
      // The client is expected to close the connection under it.
      await pipeline(pieces(), socket).catch(() => undefined);
    };
    return http({ respond: inTurn(writes(`HTTP/1.1 ${head}\r\n\r\n`), flood) })(stage);
  };
}

const zip = (body: Buffer, encoding = "gzip", status = 200): Act =>
  responds(status, body, { "content-encoding": encoding });
const bomb = gzipSync(Buffer.alloc(32 * MB, " "), { level: 9 });

testRows("no more than 64 KB are read of a body that", [
  {
    description: "has 100 MB",
    scene: endless(`200 OK\r\ncontent-length: ${100 * MB}`, Buffer.alloc(MB, " ")),
    issue: truncated,
    revoke: unreadable,
  },
  busy("has 100 MB in chunks of a byte and is a failure's", {
    scene: endless("503 Busy\r\ntransfer-encoding: chunked", Buffer.from("1\r\n \r\n".repeat(MB / 6))),
  }),
  success("has just as many", responds(200, tokenOf(MAX_BODY)), "issued", "revoked"),
  success("has a byte more", responds(200, tokenOf(MAX_BODY + 1))),
  success("is a gzip bomb", zip(bomb)),
  busy("is a gzip bomb in gzip and is a failure's", { server: zip(gzipSync(bomb), "gzip, gzip", 503) }),
]);
