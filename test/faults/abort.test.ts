import { abortCall, inTurn, reset, responds, tunnel, writes } from "./support/acts";
import { behindProxy, https, refused } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** undici ends a connection in the making not with its call but at its own timeout: the server is quicker. */
const abortThenReset = inTurn(abortCall, reset);
const afterStart = "aborted, sent, a token may exist, after 1 attempt";

function both(description: string, ending: string, row: Partial<Row>): Row {
  return { description, issue: ending, revoke: ending, ...row };
}

testRows("a call ends, and knows whether its request was sent, if it is aborted", [
  both("before it begins", "aborted, not sent, after 0 attempts", { server: responds(200), aborted: "before" }),
  both("during the TLS handshake", "aborted, not sent, after 1 attempt", {
    scene: https({ accept: abortThenReset }),
    requests: 0,
  }),
  both("before the proxy responds to CONNECT", "aborted, not sent, after 1 attempt", {
    scene: behindProxy({ respond: abortThenReset }),
  }),
  both("during the TLS handshake behind a proxy", "aborted, not sent, after 1 attempt", {
    scene: behindProxy({ respond: tunnel }, { accept: abortThenReset }),
  }),
  ...Object.entries({
    "once the request has arrived": abortCall,
    "within the response's headers": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), abortCall),
    "within the body of a failure": inTurn(writes("HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\n{"), abortCall),
  }).map(([description, server]) => ({
    description,
    server,
    issue: afterStart,
    revoke: "aborted, sent, after 1 attempt",
  })),
  {
    description: "within the body of a success, whose status has already decided a revoke",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    issue: afterStart,
    revoke: "revoked",
  },
  both("between attempts that could not connect", "aborted, not sent, after 1 attempt", {
    scene: refused("http://127.0.0.1"),
    aborted: "while it waits",
  }),
  both("between attempts that got a response", "aborted, sent, after 1 attempt", {
    server: responds(503),
    aborted: "while it waits",
  }),
  {
    description: "between attempts that got no response",
    server: reset,
    aborted: "while it waits",
    revoke: "aborted, sent, after 1 attempt",
  },
  both("while the rate limit lasts", "aborted, sent, after 1 attempt", {
    server: responds(429, "", { "retry-after": "42" }),
    aborted: "while it waits",
  }),
]);
