import assert from "node:assert/strict";

import { inTurn, issuedBody, letPass, writes } from "../support/behaviors";
import { testCases, timeouts, type Behavior, type Fixture } from "./support/fixture";

const { connectMs, responseMs, attemptMs } = timeouts;
const OK = "HTTP/1.1 200 OK\r\n";
const issue = "unexpected_response 200, a token may exist, after 1 attempt: the response was truncated";
const revoke = "unexpected_response 200, after 2 attempts: the response could not be read";

/** How calls end that get no response. */
function noResponse(cause: string) {
  return {
    issue: `no_response, a token may exist, after 1 attempt (${cause})`,
    revoke: `no_response, after 2 attempts (${cause})`,
  };
}

describe("undici's timeouts end the attempt if", () => {
  testCases("unreachable, after 2 attempts (UND_ERR_CONNECT_TIMEOUT)", {
    "the TLS handshake gets no response": { https: { accept: letPass(connectMs) } },
    "the TLS handshake stops after a byte": { https: { accept: inTurn(writes("\x16"), letPass(connectMs)) } },
  });
  testCases(noResponse("UND_ERR_HEADERS_TIMEOUT"), {
    "no response comes": letPass(responseMs),
    "the headers stop halfway": inTurn(writes(`${OK}content-le`), letPass(responseMs)),
  });
  testCases(
    { issue, revoke },
    {
      "the body of a success stops halfway": inTurn(
        writes(`${OK}content-length: 100\r\n\r\n{"access_token":`),
        letPass(responseMs),
      ),
    },
  );
  testCases(
    { issue: "issued", revoke },
    {
      "all the JSON comes, but no end of the body": inTurn(
        writes(`HTTP/1.0 200 OK\r\n\r\n${issuedBody}`),
        letPass(responseMs),
      ),
    },
  );
});

/** Writes a piece again and again, each once the client has read the last, until the timeout of the attempt. */
function trickles(piece: string): Behavior {
  return inTurn<Fixture>(...Array.from({ length: 20 }, () => writes(piece)), ({ context: { clock } }) => {
    assert.equal(clock.timers, 1, "the attempt ended before its timeout");
    return clock.advance(attemptMs);
  });
}

describe("the timeout of the attempt ends it, though something comes all the time, if", () => {
  testCases(
    { issue, revoke },
    { "the body of a success trickles": inTurn(writes(`${OK}content-length: 100000\r\n\r\n`), trickles(" ")) },
  );
  testCases(
    { issue: "issued", revoke },
    {
      "all the JSON of a success is followed by a trickle": inTurn(
        writes(`${OK}content-length: 100000\r\n\r\n${issuedBody}`),
        trickles(" "),
      ),
    },
  );
  testCases("service_unavailable 503, after 2 attempts", {
    "the body of a failure trickles": inTurn(
      writes("HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"),
      trickles("1\r\nx\r\n"),
    ),
  });
  testCases(noResponse("TimeoutError"), {
    "the headers trickle": inTurn(writes(OK), trickles("x: y\r\n")),
    "informational responses never end": trickles("HTTP/1.1 103 Early Hints\r\n\r\n"),
  });
});
