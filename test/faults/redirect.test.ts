import { answers } from "./support/acts";
import { once, works } from "./support/expected";
import { http, keepingAwayFrom } from "./support/scene";
import { testRows, type Row } from "./support/table";

/** An answer that points at another server, which must not hear of it. */
function pointing(status: number, description: string, location: (host: string) => string, words?: RegExp): Row {
  const failure = once("unexpected_response", { status, ...(words === undefined ? {} : { description: words }) });
  return {
    description: `${status} names ${description}`,
    scene: keepingAwayFrom((host) => http({ respond: answers(status, "", { location: location(host) }) })),
    issue: failure,
    revoke: failure,
  };
}

const to127 = /^Atlas redirected to 127\.0\.0\.1:\d+; redirects are not followed because requests carry credentials$/;
const elsewhere = /^Atlas redirected to another path; redirects are not followed because requests carry credentials$/;

const rows: readonly Row[] = [
  ...[301, 302, 303, 307, 308].flatMap((status) => [
    pointing(status, "another host", (host) => `http://${host}/api/oauth/token`, to127),
    pointing(status, "another host without a scheme", (host) => `//${host}/api/oauth/token`, to127),
    pointing(status, "itself", () => "/api/oauth/revoke", elsewhere),
  ]),
  pointing(300, "another host", (host) => `http://${host}/`, to127),
  pointing(307, "another host with credentials", (host) => `http://user:password@${host}/`, to127),
  pointing(307, "another host in an odd way", (host) => `/\\${host}/`, to127),
  pointing(307, "nothing", () => ""),
  pointing(307, "nonsense", () => "http://["),
  {
    description: "a success names another host",
    scene: keepingAwayFrom((host) => http({ respond: answers(201, "{}", { location: `http://${host}/` }) })),
    issue: once("unexpected_response", { status: 201 }),
    revoke: works(),
  },
  {
    description: "302 comes without a location",
    server: answers(302),
    issue: once("unexpected_response", { status: 302 }),
    revoke: once("unexpected_response", { status: 302 }),
  },
  {
    description: "401 challenges for Digest",
    server: answers(401, "", { "www-authenticate": 'Digest realm="MMS Public API", nonce="bm9uY2U=", algorithm=MD5' }),
    issue: once("invalid_client", { status: 401 }),
    revoke: once("invalid_client", { status: 401 }),
  },
  {
    description: "401 challenges for Basic",
    server: answers(401, "", { "www-authenticate": 'Basic realm="again"' }),
    issue: once("invalid_client", { status: 401 }),
    revoke: once("invalid_client", { status: 401 }),
  },
  {
    description: "407 asks for a proxy's password",
    server: answers(407, "", { "proxy-authenticate": "Basic" }),
    issue: once("unexpected_response", { status: 407 }),
    revoke: once("unexpected_response", { status: 407 }),
  },
];

testRows("the answer sends the client elsewhere", rows);
