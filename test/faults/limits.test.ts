import { DEFAULT_TIMEOUTS } from "../../provider/oauth/client-settings";
import { inTurn, silence, trickles, writes } from "./support/acts";
import { again, once, works } from "./support/expected";
import { https, neverAccepts } from "./support/scene";
import { issuedToken } from "./support/secrets";
import { testRows, testRowsTogether, type Row } from "./support/table";

const connecting = { ...DEFAULT_TIMEOUTS, connectMs: 100 };
const answering = { ...DEFAULT_TIMEOUTS, answerMs: 100 };

/** The one limit that is short is the one that ends the attempt: the others stand at their defaults or do not pass. */
const shortLimits: readonly Row[] = [
  {
    description: "a connection is neither made nor refused",
    scene: neverAccepts,
    limits: connecting,
    issue: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
    revoke: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
  },
  {
    description: "the TLS handshake is never answered",
    scene: https({ accept: silence }),
    limits: connecting,
    issue: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
    revoke: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
  },
  {
    description: "the TLS handshake stops after a byte",
    scene: https({ accept: writes(Buffer.from([22])) }),
    limits: connecting,
    issue: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
    revoke: again("unreachable", { cause: "UND_ERR_CONNECT_TIMEOUT" }),
  },
  {
    description: "no answer comes",
    server: silence,
    limits: answering,
    issue: once("no_response", { cause: "UND_ERR_HEADERS_TIMEOUT" }),
    revoke: again("no_response", { cause: "UND_ERR_HEADERS_TIMEOUT" }),
  },
  {
    description: "the headers stop halfway",
    server: writes("HTTP/1.1 200 OK\r\ncontent-le"),
    limits: answering,
    issue: once("no_response", { cause: "UND_ERR_HEADERS_TIMEOUT" }),
    revoke: again("no_response", { cause: "UND_ERR_HEADERS_TIMEOUT" }),
  },
  {
    description: "the body of a success stops halfway",
    server: writes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"access_token":'),
    limits: answering,
    issue: once("unexpected_response", { status: 200, description: /was truncated/ }),
    revoke: works(),
  },
  {
    description: "the body of a failure stops halfway",
    server: writes('HTTP/1.1 500 Error\r\ncontent-length: 100\r\n\r\n{"error":'),
    limits: answering,
    issue: once("server_error", { status: 500 }),
    revoke: again("server_error", { status: 500 }),
  },
  {
    description: "a body without a length never ends",
    server: writes("HTTP/1.0 200 OK\r\n\r\n"),
    limits: answering,
    issue: once("unexpected_response", { status: 200, description: /was truncated/ }),
    revoke: works(),
  },
  {
    description: "all of the JSON comes and the end of the body never does",
    server: writes(`HTTP/1.0 200 OK\r\n\r\n${JSON.stringify({ access_token: issuedToken, token_type: "Bearer" })}`),
    limits: answering,
    issue: works(),
    revoke: works(),
  },
  {
    description: "an enveloped body stops halfway",
    server: writes('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status":'),
    limits: answering,
    options: { envelope: true },
    revoke: again("unexpected_response", { status: 200, description: /could not parse the response envelope/ }),
  },
];

/** Something comes all the time, so that the limit of the attempt alone can end it. */
const limitOfTheAttempt: readonly Row[] = [
  {
    description: "the body of a success trickles",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"), trickles(" ")),
    issue: once("unexpected_response", { status: 200, description: /was truncated/, attemptsEnded: 1 }),
    revoke: works({ attemptsEnded: 1 }),
  },
  {
    description: "the body of a failure trickles",
    server: inTurn(writes("HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"), trickles("1\r\nx\r\n")),
    issue: again("service_unavailable", { status: 503, attemptsEnded: 2 }),
    revoke: again("service_unavailable", { status: 503, attemptsEnded: 2 }),
  },
  {
    description: "the headers trickle",
    server: inTurn(writes("HTTP/1.1 200 OK\r\n"), trickles("x: y\r\n")),
    issue: once("no_response", { cause: "TimeoutError", attemptsEnded: 1 }),
    revoke: again("no_response", { cause: "TimeoutError", attemptsEnded: 2 }),
  },
  {
    description: "informational answers never end",
    server: trickles("HTTP/1.1 103 Early Hints\r\n\r\n"),
    issue: once("no_response", { cause: "TimeoutError", attemptsEnded: 1 }),
    revoke: again("no_response", { cause: "TimeoutError", attemptsEnded: 2 }),
  },
  {
    description: "an enveloped body trickles",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"), trickles(" ")),
    options: { envelope: true },
    revoke: again("unexpected_response", { status: 200, attemptsEnded: 2 }),
  },
];

testRowsTogether("it takes too long", shortLimits);
testRows("it never ends", limitOfTheAttempt);
