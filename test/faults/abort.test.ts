import { abortCall, inTurn, reset, tunnel, writes } from "./support/acts";
import { behindProxy, https } from "./support/scene";
import { testRows } from "./support/table";

/** undici ends a connection in the making not with its call but at its own timeout: the server is quicker. */
const abortThenReset = inTurn(abortCall, reset);
const mayExist = "aborted, sent, a token may exist, after 1 attempt";

testRows("a call that is aborted ends at once, and knows whether its request was sent:", [
  ...Object.entries({
    "during the TLS handshake": https({ accept: abortThenReset }),
    "before the proxy responds to CONNECT": behindProxy({ respond: abortThenReset }),
    "during the TLS handshake behind a proxy": behindProxy({ respond: tunnel }, { accept: abortThenReset }),
  }).map(([description, scene]) => ({
    description,
    scene,
    issue: "aborted, not sent, after 1 attempt",
    revoke: "aborted, not sent, after 1 attempt",
  })),
  ...Object.entries({
    "once the request has arrived": abortCall,
    "within the response's headers": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), abortCall),
    "within the body of a success": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    "within the body of a failure": inTurn(writes("HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\n{"), abortCall),
  }).map(([description, server]) => ({
    description,
    server,
    issue: mayExist,
    revoke: "aborted, sent, after 1 attempt",
  })),
]);
