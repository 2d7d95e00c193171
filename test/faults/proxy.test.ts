import assert from "node:assert/strict";

import { RequestQueue } from "../../provider/oauth/request-queue";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../provider/oauth/client-settings";
import { answers, close, inTurn, reset, silence, tunnel, writes, type Act } from "./support/acts";
import { attemptsWithin, call, settingsFor, type Played } from "./support/call";
import { setEnvironment } from "./support/environment";
import { again, briefly, once, works } from "./support/expected";
import {
  behindProxy,
  http,
  https,
  keepingAwayFrom,
  refused,
  withEnv,
  withPassword,
  type Target,
} from "./support/scene";
import { proxyUser } from "./support/secrets";
import { SharedProxy } from "./support/shared-proxy";
import { Stage } from "./support/stage";
import { watchSurroundings } from "./support/surroundings";
import { testRows, testRowsTogether, type Row } from "./support/table";
import { endpoints } from "../support/oauth/contract";

const connecting = { ...DEFAULT_TIMEOUTS, connectMs: 100 };

const refusals: readonly Row[] = [
  ...[301, 400, 401, 403, 407, 429, 500, 502, 503, 504].map((status) => {
    const refusal = once("unreachable", {
      requests: 1,
      description: new RegExp(`the proxy refused CONNECT \\(status ${status}\\)`),
    });
    return {
      description: `it answers CONNECT with ${status}`,
      scene: behindProxy({ respond: answers(status, "<h1>no</h1>", { "proxy-authenticate": "Basic" }) }),
      issue: refusal,
      revoke: refusal,
    };
  }),
  {
    description: "it answers CONNECT with 204, which is a success, but none that anybody sends",
    scene: behindProxy({ respond: writes("HTTP/1.1 204 None\r\n\r\n") }),
    issue: once("unreachable", { requests: 1, description: /204/ }),
    revoke: once("unreachable", { requests: 1, description: /204/ }),
  },
];

const broken: readonly Row[] = (
  [
    ["it closes the connection on CONNECT", close],
    ["it resets the connection on CONNECT", reset],
    ["it breaks off within its answer to CONNECT", inTurn(writes("HTTP/1.1 2"), close)],
    ["it answers CONNECT with garbage", writes("220 mail.invalid ESMTP\r\n")],
    ["it answers CONNECT with headers of 200 KB", writes(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}\r\n\r\n`)],
    ["it closes the connection after it let CONNECT through", inTurn(writes("HTTP/1.1 200 OK\r\n\r\n"), close)],
    ["it says something of its own after it let CONNECT through", writes("HTTP/1.1 200 OK\r\n\r\nhello there\r\n")],
  ] as const
).map(([description, respond]) => ({
  description,
  scene: behindProxy({ respond }),
  issue: again("unreachable", { requests: 2 }),
  revoke: again("unreachable", { requests: 2 }),
}));

const sharedProxy = new SharedProxy();

const hanging: readonly Row[] = [
  {
    description: "it never answers CONNECT",
    scene: sharedProxy.scene(silence),
    limits: connecting,
    issue: again("unreachable", { requests: 2, cause: "UND_ERR_HEADERS_TIMEOUT" }),
    revoke: again("unreachable", { requests: 2, cause: "UND_ERR_HEADERS_TIMEOUT" }),
  },
  {
    description: "it stops halfway in its answer to CONNECT",
    scene: sharedProxy.scene(writes("HTTP/1.1 200 OK\r\nx: ")),
    limits: connecting,
    issue: again("unreachable", { requests: 2, cause: "UND_ERR_HEADERS_TIMEOUT" }),
    revoke: again("unreachable", { requests: 2, cause: "UND_ERR_HEADERS_TIMEOUT" }),
  },
  {
    description: "the TLS handshake behind it is never answered",
    scene: sharedProxy.scene(tunnel, { accept: silence }),
    limits: connecting,
    issue: again("unreachable", { requests: 2, cause: "UND_ERR_CONNECT_TIMEOUT" }),
    revoke: again("unreachable", { requests: 2, cause: "UND_ERR_CONNECT_TIMEOUT" }),
  },
];

/** `HTTPS_PROXY` as it stands in an environment, with a password where there can be one. */
const settings: readonly Row[] = (
  [
    ["is no URL", "what is this?", once("unreachable")],
    ["lacks its scheme and begins with digits", "127.0.0.1:3128", once("unreachable")],
    ["lacks its scheme and begins with a name", "localhost:3128", once("unreachable")],
    [
      "lacks its scheme and begins with a user",
      withPassword("x", "127.0.0.1:3128").slice("x://".length),
      once("unreachable"),
    ],
    ["has a scheme of no proxy", withPassword("ftp", "127.0.0.1:3128"), once("unreachable")],
    ["has a port that is none", withPassword("http", "127.0.0.1:99999"), once("unreachable")],
    ["has no host", withPassword("http", ""), once("unreachable")],
    ["has a password with a % that encodes nothing", "http://user:50%@127.0.0.1:3128", once("unreachable")],
  ] as const
).map(([description, HTTPS_PROXY, expected]) => ({
  description,
  scene: () => Promise.resolve({ baseUrl: "https://localhost:1", env: { HTTPS_PROXY } }),
  issue: expected,
  revoke: expected,
}));

const unreachableProxy: readonly Row[] = [
  {
    description: "it is not running",
    scene: async (stage) => {
      const { baseUrl } = await refused("http")(stage);
      return { baseUrl: "https://localhost:1", env: { HTTPS_PROXY: withPassword("http", new URL(baseUrl).host) } };
    },
    issue: briefly("unreachable", { cause: "ECONNREFUSED" }),
    revoke: briefly("unreachable", { cause: "ECONNREFUSED" }),
  },
  {
    description: "its name does not resolve",
    scene: withEnv({ HTTPS_PROXY: withPassword("http", `${"x".repeat(64)}.invalid`) }, https({})),
    issue: briefly("unreachable", { cause: "ENOTFOUND", connections: 0 }),
    revoke: briefly("unreachable", { cause: "ENOTFOUND", connections: 0 }),
  },
];

function direct(description: string, env: (proxy: string) => Readonly<Record<string, string>>): Row {
  const expected = again("unreachable", { cause: "ECONNRESET" });
  const scene = keepingAwayFrom((host) => withEnv(env(withPassword("http", host)), https({ accept: close })));
  return { description, scene, issue: expected, revoke: expected };
}

function proxied(description: string, env: Readonly<Record<string, string>>): Row {
  const expected = once("unreachable", { requests: 1, description: /403/ });
  return {
    description,
    scene: withEnv(env, behindProxy({ respond: answers(403) })),
    issue: expected,
    revoke: expected,
  };
}

const exceptions: readonly Row[] = [
  direct("NO_PROXY names the host", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "127.0.0.1" })),
  direct("no_proxy names the host among others", (proxy) => ({ https_proxy: proxy, no_proxy: "x.invalid, 127.0.0.1" })),
  direct("NO_PROXY names everything", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "*" })),
  direct("HTTPS_PROXY is empty", () => ({ HTTPS_PROXY: "" })),
  direct("HTTP_PROXY alone is set, and Atlas is https", (proxy) => ({ HTTP_PROXY: proxy, http_proxy: proxy })),
  proxied("NO_PROXY names another host", { NO_PROXY: "elsewhere.invalid" }),
  proxied("NO_PROXY names another port", { NO_PROXY: "127.0.0.1:1" }),
  {
    description: "every proxy variable is set, and Atlas is plain http on loopback",
    scene: keepingAwayFrom((host) => {
      const proxy = withPassword("http", host);
      const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
      return withEnv(Object.fromEntries(names.map((name) => [name, proxy])), http({}));
    }),
    issue: works(),
    revoke: works(),
  },
];

testRows("a proxy refuses", refusals);
testRows("a proxy breaks", broken);
describe("a proxy that hangs", () => {
  before(() => sharedProxy.start());
  after(() => sharedProxy.close());
  testRowsTogether("a proxy hangs", hanging, () => sharedProxy.env);
});
testRows("a proxy cannot be reached", unreachableProxy);
testRows("HTTPS_PROXY", settings);
testRows("some addresses need no proxy", exceptions);

for (const endpoint of endpoints) {
  describe(`${endpoint}, behind a proxy`, () => {
    watchSurroundings();

    async function play(
      respond: Act,
      limits: Timeouts,
      run: (target: Target, make: () => Promise<Played>) => Promise<void>,
    ) {
      const stage = new Stage(limits.attemptMs);
      try {
        const target = await behindProxy({ respond })(stage);
        stage.onClose(setEnvironment(target.env));
        const settings = settingsFor(stage, limits);
        await run(target, () => call(endpoint, { baseUrl: target.baseUrl }, settings));
      } finally {
        await stage.close();
      }
    }

    it("gives the proxy its password and the address, and nothing that is Atlas's", () =>
      play(answers(403), DEFAULT_TIMEOUTS, async ({ seen, baseUrl }, make) => {
        await make();
        const [{ method, target, headers, body } = assert.fail()] = seen!.requests;
        assert.deepEqual({ method, target, body }, { method: "CONNECT", target: new URL(baseUrl).host, body: "" });
        const password = Buffer.from(`${proxyUser.name}:${proxyUser.password}`).toString("base64");
        assert.equal(headers.get("proxy-authorization"), `Basic ${password}`);
        assert.deepEqual([...headers.keys()].sort(), ["connection", "host", "proxy-authorization", "proxy-connection"]);
      }));

    it("has its connections back after all of them hung", () => {
      const wave = RequestQueue.MAX_CONCURRENT * attemptsWithin.fault;
      let asked = 0;
      const respond: Act = (exchange) => (++asked <= wave ? silence : answers(403))(exchange);
      return play(respond, connecting, async ({ seen }, make) => {
        await Promise.all(Array.from({ length: RequestQueue.MAX_CONCURRENT }, make));
        assert.equal(seen!.requests.length, wave);
        const { outcome } = await make();
        assert.ok("error" in outcome);
        assert.match(String(outcome.error), /the proxy refused CONNECT \(status 403\)/);
      });
    });
  });
}
