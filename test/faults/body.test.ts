import assert from "node:assert/strict";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";

import { close, inTurn, issuedBody, reset, responds, writes, type Behavior } from "../support/behaviors";
import { testCases } from "./support/fixture";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const MAX_BODY = 64 * 1024;
const MB = 1024 * 1024;
const busy = "service_unavailable 503, after 2 attempts";
const issued = { issue: "issued", revoke: "revoked" };
/** A revoke is repeated if it is not certain what the response to it said. */
const revoke = "unexpected_response 200, after 2 attempts: the response could not be read";
const truncated = {
  issue: "unexpected_response 200, a token may exist, after 1 attempt: the response was truncated",
  revoke,
};

/** A response whose length announces ten bytes more than come before it ends. */
function short(status: number, body: string, end: Behavior): Behavior {
  return inTurn(writes(`HTTP/1.1 ${status} Status\r\ncontent-length: ${body.length + 10}\r\n\r\n${body}`), end);
}

describe("a truncated body counts as far as it came if", () => {
  testCases(truncated, {
    "a success is reset within it": short(200, '{"access_token":"a.to', reset),
    "a success is closed within it": short(200, '{"access_token":"a.to', close),
    "a success is closed before it": short(200, "", close),
    "a chunk is truncated": inTurn(writes(`${CHUNKED}10\r\n{`), close),
    "the last chunk is missing": inTurn(writes(`${CHUNKED}1\r\n{\r\n`), close),
    "the length of a chunk is not a number": writes(`${CHUNKED}zz\r\n`),
    "the trailers have 200 KB": writes(`${CHUNKED}1\r\n{\r\n0\r\n${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`),
  });
  testCases(busy, { "a failure is reset within it": short(503, '{"error":"', reset) });
  testCases(
    { issue: "issued", revoke },
    {
      "all the JSON came, though more was announced": short(200, issuedBody, reset),
      "all the JSON came, and only the last chunk is missing": inTurn(
        writes(`${CHUNKED}${issuedBody.length.toString(16)}\r\n${issuedBody}\r\n`),
        close,
      ),
    },
  );
  const withoutLength = inTurn(writes(`${OK}\r\n${issuedBody}`), close);
  testCases(issued, { "all the JSON came, and the end of the connection is its end": withoutLength });
});

/** JSON with a token, of exactly so many bytes. */
function bodyOf(bytes: number): string {
  return `${issuedBody.slice(0, -1)}${" ".repeat(bytes - issuedBody.length)}}`;
}

/** A server that would send 100 MB, of which hardly more than the buffers between the two may be taken. */
function endless(head: string, piece: Buffer): Behavior {
  return inTurn(writes(`HTTP/1.1 ${head}\r\n\r\n`), async ({ socket }) => {
    let sent = 0;
    function* pieces(): Iterable<Buffer> {
      for (; sent < 100 * MB; sent += piece.length) {
        assert.ok(sent < 20 * MB, "the client reads too much");
        yield piece;
      }
    }
    // The client is expected to close the connection under it.
    await pipeline(pieces(), socket).catch((error: unknown) => assert.ok(!(error instanceof assert.AssertionError)));
  });
}

function zip(body: Buffer, encoding = "gzip", status = 200): Behavior {
  return responds(status, body, { "content-encoding": encoding });
}
const bomb = gzipSync(Buffer.alloc(32 * MB, " "), { level: 9 });

describe("no more than 64 KB are read of a body that", () => {
  testCases(truncated, {
    "has 100 MB": endless(`200 OK\r\ncontent-length: ${100 * MB}`, Buffer.alloc(MB, " ")),
    "has a byte more": responds(200, bodyOf(MAX_BODY + 1)),
    "is a gzip bomb": zip(bomb),
  });
  testCases(busy, {
    "has 100 MB in chunks of a byte and is a failure's": endless(
      "503 Busy\r\ntransfer-encoding: chunked",
      Buffer.from("1\r\n \r\n".repeat(MB / 6)),
    ),
    "is a gzip bomb in gzip and is a failure's": zip(gzipSync(bomb), "gzip, gzip", 503),
  });
  testCases(issued, { "has just as many": responds(200, bodyOf(MAX_BODY)) });
});
