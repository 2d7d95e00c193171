import { answers } from "./support/acts";
import { once, works } from "./support/expected";
import { http, keepingAwayFrom } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** A response that points to another server, which must not hear of it. */
function pointing(status: number, to: string, location: (host: string) => string, target?: RegExp): Row {
  const words = target === undefined ? {} : { description: new RegExp(`^Atlas redirected to ${target.source}; redir`) };
  const failure = once("unexpected_response", { status, ...words });
  return {
    description: `${status} points to ${to}`,
    scene: keepingAwayFrom((host) => http({ respond: answers(status, "", { location: location(host) }) })),
    issue: failure,
    revoke: failure,
  };
}

function challenge(status: number, name: string, value: string): Row {
  const failure = once(status === 401 ? "invalid_client" : "unexpected_response", { status });
  const server = answers(status, "", { [name]: value });
  return { description: `${status} asks for ${value.split(" ")[0]}`, server, issue: failure, revoke: failure };
}

const loopback = /127\.0\.0\.1:\d+/;

testRows("the response sends the client elsewhere:", [
  ...[301, 302, 303, 307, 308].map((status) =>
    pointing(status, "another host", (host) => `http://${host}/api/oauth/token`, loopback),
  ),
  pointing(300, "another host without a scheme", (host) => `//${host}/api/oauth/token`, loopback),
  pointing(307, "another host with credentials", (host) => `http://user:password@${host}/`, loopback),
  pointing(307, "another host in an odd way", (host) => `/\\${host}/`, loopback),
  pointing(308, "itself", () => "/api/oauth/revoke", /another path/),
  pointing(307, "nothing", () => ""),
  {
    description: "a success points to another host",
    scene: keepingAwayFrom((host) => http({ respond: answers(201, "{}", { location: `http://${host}/` }) })),
    issue: once("unexpected_response", { status: 201 }),
    revoke: works(),
  },
  challenge(401, "www-authenticate", 'Digest realm="MMS Public API", nonce="bm9uY2U=", algorithm=MD5'),
  challenge(401, "www-authenticate", 'Basic realm="again"'),
  challenge(407, "proxy-authenticate", "Basic"),
]);
