import { inTurn, letPass, trickles, writes, type Act } from "./support/acts";
import { https } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { timeouts } from "./support/stage";
import { testRows, type Row } from "./support/table";

const { connectMs, responseMs } = timeouts;
const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer" });
const truncated = "unexpected_response 200, a token may exist, after 1 attempt: the response was truncated";

const unreadable = "unexpected_response 200, after 2 attempts: the response could not be read";

function handshake(description: string, accept: Act): Row {
  const ending = "unreachable, after 2 attempts (UND_ERR_CONNECT_TIMEOUT)";
  return { description, scene: https({ accept }), issue: ending, revoke: ending };
}

testRows("undici's timeouts end the attempt if", [
  handshake("the TLS handshake gets no response", letPass(connectMs)),
  handshake("the TLS handshake stops after a byte", inTurn(writes(Buffer.from([22])), letPass(connectMs))),
  ...Object.entries({
    "no response comes": letPass(responseMs),
    "the headers stop halfway": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), letPass(responseMs)),
  }).map(([description, server]) => ({
    description,
    server,
    issue: "no_response, a token may exist, after 1 attempt (UND_ERR_HEADERS_TIMEOUT)",
    revoke: "no_response, after 2 attempts (UND_ERR_HEADERS_TIMEOUT)",
  })),
  {
    description: "the body of a success stops halfway",
    server: inTurn(writes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":'), letPass(responseMs)),
    issue: truncated,
    revoke: unreadable,
  },
  {
    description: "all the JSON comes, but no end of the body",
    server: inTurn(writes(`HTTP/1.0 200 OK\r\n\r\n${TOKEN}`), letPass(responseMs)),
    issue: "issued",
    revoke: unreadable,
  },
]);

testRows("the timeout of the attempt ends it, though something comes all the time, if", [
  {
    description: "the body of a success trickles",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"), trickles(" ")),
    issue: truncated,
    revoke: unreadable,
  },
  {
    description: "the body of a failure trickles",
    server: inTurn(writes("HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"), trickles("1\r\nx\r\n")),
    issue: "service_unavailable 503, after 2 attempts",
    revoke: "service_unavailable 503, after 2 attempts",
  },
  ...Object.entries({
    "the headers trickle": inTurn(writes("HTTP/1.1 200 OK\r\n"), trickles("x: y\r\n")),
    "informational responses never end": trickles("HTTP/1.1 103 Early Hints\r\n\r\n"),
  }).map(([description, server]) => ({
    description,
    server,
    issue: "no_response, a token may exist, after 1 attempt (TimeoutError)",
    revoke: "no_response, after 2 attempts (TimeoutError)",
  })),
]);
