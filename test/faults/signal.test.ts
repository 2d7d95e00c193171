import { abortCall, answers, inTurn, reset, tunnel, writes } from "./support/acts";
import { once, works, type Expected } from "./support/expected";
import { behindProxy, https, refused } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** A connection in the making does not end with its call, but when its own limit is reached: the server is quicker. */
const abortThenReset = inTurn(abortCall, reset);

const unsent = once("aborted", { sent: false, requests: 0 });
const sent = once("aborted", { sent: true });
/** Nobody knows what became of it. */
const perhapsIssued: Expected = { ...sent, mayHaveIssued: true };

const rows: readonly Row[] = [
  {
    description: "before the call",
    server: answers(200),
    aborted: "before",
    issue: { ...unsent, attempts: 0 },
    revoke: { ...unsent, attempts: 0 },
  },
  {
    description: "during the TLS handshake",
    scene: https({ accept: abortThenReset }),
    issue: unsent,
    revoke: unsent,
  },
  {
    description: "while a proxy lets CONNECT wait",
    scene: behindProxy({ respond: abortThenReset }),
    issue: { ...unsent, requests: 1 },
    revoke: { ...unsent, requests: 1 },
  },
  {
    description: "during the TLS handshake behind a proxy",
    scene: behindProxy({ respond: tunnel }, { accept: abortThenReset }),
    issue: { ...unsent, requests: 1 },
    revoke: { ...unsent, requests: 1 },
  },
  { description: "once the request has arrived", server: abortCall, issue: perhapsIssued, revoke: sent },
  {
    description: "within the headers",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), abortCall),
    issue: perhapsIssued,
    revoke: sent,
  },
  {
    description: "within the body of a failure",
    server: inTurn(writes("HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    issue: perhapsIssued,
    revoke: sent,
  },
  {
    description: "within the body of a success",
    server: inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    issue: perhapsIssued,
    // The status has decided.
    revoke: works(),
  },
  {
    description: "between attempts that were never started",
    scene: refused("http"),
    aborted: "while it waits",
    issue: unsent,
    revoke: unsent,
  },
  {
    description: "between attempts of which one was answered",
    server: answers(503),
    aborted: "while it waits",
    issue: sent,
    revoke: sent,
  },
  {
    description: "between attempts of which one was not answered",
    server: reset,
    aborted: "while it waits",
    revoke: sent,
  },
  {
    description: "while the rate limit lasts",
    server: answers(429, "", { "retry-after": "42" }),
    aborted: "while it waits",
    issue: sent,
    revoke: sent,
  },
];

testRows("the caller ends the call", rows);
