import { DEFAULT_TIMEOUTS } from "../../provider/oauth/client-settings";
import { inTurn, silence, trickles, writes, type Act } from "./support/acts";
import { again, once, works, type Expected } from "./support/expected";
import { https, neverAccepts, type Scene } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, testRowsTogether, type Row } from "./support/table";

const truncated = once("unexpected_response", { status: 200, description: /was truncated/ });
const unclear = again("unexpected_response", { status: 200, description: /could not parse the response envelope/ });

/** The one timeout that is short is the one that ends the attempt; the others have their defaults. */
function slowToConnect(description: string, scene: Scene): Row {
  const expected = again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" });
  const limits = { ...DEFAULT_TIMEOUTS, connectMs: 100 };
  return { description, scene, limits, issue: expected, revoke: expected };
}

function slowToRespond(description: string, server: Act, issue: Expected | undefined, revoke: Expected): Row {
  const limits = { ...DEFAULT_TIMEOUTS, responseMs: 100 };
  if (issue === undefined) return { description, server, limits, revoke, options: { envelope: true } };
  return { description, server, limits, issue, revoke };
}

const cause = "UND_ERR_HEADERS_TIMEOUT";
const TOKEN = JSON.stringify({ access_token: issuedToken, token_type: "Bearer" });

testRowsTogether("a timeout ends the attempt because", [
  slowToConnect("a connection is neither made nor refused", neverAccepts),
  slowToConnect("the TLS handshake is never answered", https({ accept: silence })),
  slowToConnect("the TLS handshake stops after a byte", https({ accept: writes(Buffer.from([22])) })),
  slowToRespond("no response comes", silence, once("no_response", { cause }), again("no_response", { cause })),
  slowToRespond(
    "the headers stop halfway",
    writes("HTTP/1.1 200 OK\r\ncontent-le"),
    once("no_response", { cause }),
    again("no_response", { cause }),
  ),
  slowToRespond(
    "the body of a success stops halfway",
    writes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":'),
    truncated,
    works(),
  ),
  slowToRespond(
    "the body of a failure stops halfway",
    writes('HTTP/1.1 500 Error\r\ncontent-length: 100\r\n\r\n{"error":'),
    once("server_error", { status: 500 }),
    again("server_error", { status: 500 }),
  ),
  slowToRespond(
    "all the JSON comes, but no end of the body",
    writes(`HTTP/1.0 200 OK\r\n\r\n${TOKEN}`),
    works(),
    works(),
  ),
  slowToRespond(
    "an enveloped body stops halfway",
    writes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status":'),
    undefined,
    unclear,
  ),
]);

const startOfSuccess = writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");

/** Something comes all the time, so that only the timeout of the attempt can end it. */
testRows("the timeout of the attempt alone ends it because", [
  {
    description: "the body of a success trickles",
    server: inTurn(startOfSuccess, trickles(" ")),
    issue: { ...truncated, attemptsEnded: 1 },
    revoke: works({ attemptsEnded: 1 }),
  },
  {
    description: "the body of a failure trickles",
    server: inTurn(writes("HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"), trickles("1\r\nx\r\n")),
    issue: again("service_unavailable", { status: 503, attemptsEnded: 2 }),
    revoke: again("service_unavailable", { status: 503, attemptsEnded: 2 }),
  },
  {
    description: "an enveloped body trickles",
    server: inTurn(startOfSuccess, trickles(" ")),
    options: { envelope: true },
    revoke: { ...unclear, attemptsEnded: 2 },
  },
  ...[
    { description: "the headers trickle", server: inTurn(writes("HTTP/1.1 200 OK\r\n"), trickles("x: y\r\n")) },
    { description: "informational responses never end", server: trickles("HTTP/1.1 103 Early Hints\r\n\r\n") },
  ].map((row) => ({
    ...row,
    issue: once("no_response", { cause: "TimeoutError", attemptsEnded: 1 }),
    revoke: again("no_response", { cause: "TimeoutError", attemptsEnded: 2 }),
  })),
]);
