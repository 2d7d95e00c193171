import { type Behavior, close, inTurn, issuedBody, reset, responds, silence, writes } from "../support/behaviors";
import { testCases } from "./support/fixture";

describe("Atlas is unreachable if", () => {
  testCases("unreachable, after 3 attempts (ECONNREFUSED)", {
    "nothing listens": { baseUrl: "http://127.0.0.1:1" },
    "nothing listens at any address of the name": { baseUrl: "http://localhost:1" },
    "nothing listens behind https": { baseUrl: "https://127.0.0.1:1" },
  });
  testCases("unreachable, after 3 attempts (ENOTFOUND)", {
    // Too long for DNS, so that no resolver is asked.
    "its name does not resolve": { baseUrl: `https://${"x".repeat(64)}.invalid` },
  });
  testCases("unreachable, after 2 attempts", {
    "the connection is reset during the TLS handshake": { https: { accept: reset } },
    "the connection is closed during the TLS handshake": { https: { accept: close } },
    "plain http responds to https": { https: { accept: writes("HTTP/1.1 400 Bad Request\r\n\r\n") } },
  });
});

const OK = "HTTP/1.1 200 OK\r\n";

describe("there is no response if", () => {
  testCases(
    { issue: "no_response, a token may exist, after 1 attempt", revoke: "no_response, after 2 attempts" },
    {
      "the connection is reset once the request has arrived": reset,
      "the connection is closed without a response": close,
      "the connection is reset within the status line": inTurn(writes("HTTP/1.1 2"), reset),
      "the connection is closed within the headers": inTurn(writes(`${OK}x: `), close),
      "it is not HTTP": writes("220 mail.invalid ESMTP\r\n"),
      "it is zero bytes": writes(Buffer.alloc(1000)),
      "it is a TLS alert": writes(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
      "it is HTTP/2": writes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      "it is HTTP/0.9": inTurn(writes("revoked"), close),
      "a zero byte is in its headers": writes(`${OK}x: a\0b\r\ncontent-length: 0\r\n\r\n`),
      "its headers have 200 KB": writes(`${OK}${`x: ${"y".repeat(96)}\r\n`.repeat(2000)}\r\n`),
      "its length is negative": writes(`${OK}content-length: -5\r\n\r\n`),
      "its two lengths contradict each other": writes(`${OK}content-length: 0\r\ncontent-length: 3\r\n\r\n`),
      "its length contradicts its chunks": writes(
        `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      ),
      "its status is 000": writes("HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n"),
      "it switches the protocol unasked": writes("HTTP/1.1 101 Switch\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"),
      "its status is 101 and it switches nothing": writes("HTTP/1.1 101 Switch\r\n\r\n"),
      // undici takes it for a broken server, whereas RFC 9110 section 15.2 would have it ignored.
      "it says 100 unasked": writes(`HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 0\r\n\r\n`),
    },
  );
});

/** A correct response with something before it, in its headers or behind it. */
function odd({ before = "", headers = "", behind = "" }): Behavior {
  return (exchange) => {
    const body = exchange.request?.url?.endsWith("/token") ? issuedBody : "";
    return writes(`${before}${OK}${headers}content-length: ${body.length}\r\n\r\n${body}${behind}`)(exchange);
  };
}

describe("a response counts although", () => {
  testCases(
    { issue: "issued", revoke: "revoked" },
    {
      "102 and 103 come first": odd({
        before: "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
      }),
      "headers have the names of what every object has": odd({
        headers: "__proto__: x\r\n__proto__: y\r\nvalueOf: u\r\n",
      }),
      "its headers have 40 KB": odd({ headers: `x: ${"y".repeat(96)}\r\n`.repeat(400) }),
      "headers come twice": odd({ headers: "date: x\r\ndate: y\r\ncontent-type: a/b\r\ncontent-type: c/d\r\n" }),
      "another one follows to the same request": odd({ behind: "HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n" }),
    },
  );
  testCases("service_unavailable 503, after 2 attempts", {
    "it comes before its request was read": {
      http: {
        accept: inTurn(writes("HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"), close),
        respond: silence,
      },
    },
  });
  testCases(
    { issue: "unexpected_response 204, a token may exist, after 1 attempt", revoke: "revoked" },
    { "its status is 204 and it has a body": responds(204, "x") },
  );
});
