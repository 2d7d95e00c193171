import { responds } from "../support/behaviors";
import { testCases, type Behavior } from "./support/fixture";

/** A response that asks for credentials: to be sent to another host, or once more. */
function asks(status: number, header: string, value: (host: string) => string): Behavior {
  return (exchange) => responds(status, "", { [header]: value(exchange.context.elsewhere) })(exchange);
}

describe("credentials are sent once, to Atlas alone, if", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    testCases(`unexpected_response ${status}, after 1 attempt`, {
      [`a ${status} points to another host`]: asks(status, "location", (host) => `http://${host}/api/oauth/token`),
      [`a ${status} points to another host without a scheme`]: asks(status, "location", (host) => `//${host}/`),
      [`a ${status} points to another host in an odd way`]: asks(status, "location", (host) => `/\\${host}/`),
      [`a ${status} points to another path`]: asks(status, "location", () => "/api/oauth/revoke"),
      [`a ${status} points nowhere`]: asks(status, "location", () => ""),
    });
  }
  testCases(
    {
      issue: "unexpected_response 201, a token may exist, after 1 attempt",
      revoke: "unexpected_response 201, after 1 attempt",
    },
    { "a success points to another host": asks(201, "location", (host) => `http://${host}/`) },
  );
  testCases("invalid_client 401, after 1 attempt", {
    "a 401 asks for Digest": asks(401, "www-authenticate", () => 'Digest realm="MMS", nonce="bm9uY2U=", algorithm=MD5'),
    "a 401 asks for Basic again": asks(401, "www-authenticate", () => 'Basic realm="again"'),
  });
  testCases("unexpected_response 407, after 1 attempt", {
    "a 407 asks for the proxy's credentials": asks(407, "proxy-authenticate", () => "Basic"),
  });
});
