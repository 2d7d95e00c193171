import { responds } from "./support/acts";
import { http, keepingAwayFrom } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** A response that asks for credentials: to be sent to the other host, or once more. */
function asking(status: number, description: string, header: string, value: (host: string) => string): Row {
  const code = status === 401 ? "invalid_client" : "unexpected_response";
  const ending = `${code} ${status}, after 1 attempt`;
  const scene = keepingAwayFrom((host) => http({ respond: responds(status, "", { [header]: value(host) }) }));
  return { description: `a ${status} ${description}`, scene, issue: ending, revoke: ending };
}

testRows("credentials are sent once, to Atlas alone, if", [
  ...[301, 302, 303, 307, 308].map((status) =>
    asking(status, "points to another host", "location", (host) => `http://${host}/api/oauth/token`),
  ),
  asking(307, "points to another host without a scheme", "location", (host) => `//${host}/api/oauth/token`),
  asking(307, "points to another host in an odd way", "location", (host) => `/\\${host}/`),
  asking(308, "points to another path", "location", () => "/api/oauth/revoke"),
  asking(307, "points nowhere", "location", () => ""),
  {
    description: "a success points to another host",
    scene: keepingAwayFrom((host) => http({ respond: responds(201, "{}", { location: `http://${host}/` }) })),
    issue: "unexpected_response 201, a token may exist, after 1 attempt",
    revoke: "unexpected_response 201, after 1 attempt",
  },
  asking(401, "asks for Digest", "www-authenticate", () => 'Digest realm="MMS", nonce="bm9uY2U=", algorithm=MD5'),
  asking(401, "asks for Basic again", "www-authenticate", () => 'Basic realm="again"'),
  asking(407, "asks for the proxy's credentials", "proxy-authenticate", () => "Basic"),
]);
