import { abortCall, answers, inTurn, reset, tunnel, writes } from "./support/acts";
import { once, works, type Expected } from "./support/expected";
import { behindProxy, https, refused } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** A connection in the making ends not with its call but at its own timeout: the server is quicker. */
const abortThenReset = inTurn(abortCall, reset);

const unsent = once("aborted", { sent: false, requests: 0 });
const sent = once("aborted", { sent: true });
const perhapsIssued: Expected = { ...sent, mayHaveIssued: true };

function both(description: string, expected: Expected, row: Partial<Row>): Row {
  return { description, issue: expected, revoke: expected, ...row };
}

testRows("the caller ends the call", [
  both("before it begins", { ...unsent, attempts: 0 }, { server: answers(200), aborted: "before" }),
  both("during the TLS handshake", unsent, { scene: https({ accept: abortThenReset }) }),
  both("while a proxy delays CONNECT", { ...unsent, requests: 1 }, { scene: behindProxy({ respond: abortThenReset }) }),
  both(
    "during the TLS handshake behind a proxy",
    { ...unsent, requests: 1 },
    { scene: behindProxy({ respond: tunnel }, { accept: abortThenReset }) },
  ),
  ...Object.entries({
    "once the request has arrived": abortCall,
    "within the headers": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), abortCall),
    "within the body of a failure": inTurn(writes("HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\n{"), abortCall),
  }).map(([description, server]) => ({ description, server, issue: perhapsIssued, revoke: sent })),
  {
    description: "within the body of a success, which decides a revoke",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    issue: perhapsIssued,
    revoke: works(),
  },
  both("between attempts that were not started", unsent, { scene: refused("http"), aborted: "while it waits" }),
  both("between attempts that were answered", sent, { server: answers(503), aborted: "while it waits" }),
  { description: "between attempts that were not answered", server: reset, aborted: "while it waits", revoke: sent },
  both("while the rate limit lasts", sent, {
    server: answers(429, "", { "retry-after": "42" }),
    aborted: "while it waits",
  }),
]);
