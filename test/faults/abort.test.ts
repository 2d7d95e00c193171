import { inTurn, reset, tunnel, writes } from "../support/behaviors";
import { abortCall, testCases } from "./support/fixture";

/** undici ends a connection in the making not with its call but at its own timeout: the server is quicker. */
const abortThenReset = inTurn(abortCall, reset);

describe("a call that is aborted ends at once, and knows whether its request was sent:", () => {
  testCases("aborted, not sent, after 1 attempt", {
    "during the TLS handshake": { https: { accept: abortThenReset } },
    "before the proxy responds to CONNECT": { proxy: { respond: abortThenReset } },
    "during the TLS handshake behind a proxy": { proxy: { respond: tunnel }, https: { accept: abortThenReset } },
  });
  testCases(
    { issue: "aborted, sent, a token may exist, after 1 attempt", revoke: "aborted, sent, after 1 attempt" },
    {
      "once the request has arrived": abortCall,
      "within the response's headers": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-le"), abortCall),
      "within the body of a success": inTurn(writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"), abortCall),
      "within the body of a failure": inTurn(writes("HTTP/1.1 500 Error\r\ncontent-length: 9\r\n\r\n{"), abortCall),
    },
  );
});
