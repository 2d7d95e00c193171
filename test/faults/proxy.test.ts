import assert from "node:assert/strict";

import { DEFAULT_TIMEOUTS, type Timeouts } from "../../provider/oauth/client-settings";
import { RequestQueue } from "../../provider/oauth/request-queue";
import { endpoints } from "../support/oauth/contract";
import { answers, close, inTurn, reset, silence, tunnel, writes, type Act } from "./support/acts";
import { again, attemptsWithin, briefly, once, works, type Expected } from "./support/expected";
import type { Received } from "./support/faulty-server";
import { behindProxy, http, https, keepingAwayFrom, refused, withEnv, withPassword, type Scene } from "./support/scene";
import { proxyUser } from "./support/secrets";
import { call, setEnvironment, settingsFor, Stage, type Played } from "./support/stage";
import { testRows, watchProcess, type Row } from "./support/table";

const connecting = { ...DEFAULT_TIMEOUTS, connectMs: 100 };

function row(description: string, scene: Scene, expected: Expected, more: Partial<Row> = {}): Row {
  return { description, scene, issue: expected, revoke: expected, ...more };
}

function refusing(status: number): Row {
  const expected = [502, 503, 504].includes(status) ? again : once;
  const description = new RegExp(`the proxy refused CONNECT \\(status ${status}\\)`);
  const respond = answers(status, "<h1>no</h1>", { "proxy-authenticate": "Basic" });
  const requests = [502, 503, 504].includes(status) ? attemptsWithin.other : 1;
  return row(`it answers ${status}`, behindProxy({ respond }), expected("unreachable", { requests, description }));
}

testRows("a proxy refuses CONNECT:", [
  ...[301, 400, 401, 403, 407, 429, 500, 502, 503, 504].map(refusing),
  row(
    "it answers 204, which nobody sends",
    behindProxy({ respond: writes("HTTP/1.1 204 None\r\n\r\n") }),
    once("unreachable", { requests: 1, description: /204/ }),
  ),
]);

const OK = "HTTP/1.1 200 OK\r\n";
testRows("a proxy breaks:", [
  ...Object.entries({
    "it closes the connection on CONNECT": close,
    "it resets the connection on CONNECT": reset,
    "it stops within its response to CONNECT": inTurn(writes("HTTP/1.1 2"), close),
    "it answers CONNECT with garbage": writes("220 mail.invalid ESMTP\r\n"),
    "it answers CONNECT with headers of 200 KB": writes(`${OK}x: ${"y".repeat(200_000)}\r\n\r\n`),
    "it closes the connection after it let CONNECT through": inTurn(writes(`${OK}\r\n`), close),
    "it says something of its own after it let CONNECT through": writes(`${OK}\r\nhello there\r\n`),
  }).map(([description, respond]) => row(description, behindProxy({ respond }), again("unreachable", { requests: 2 }))),
  ...(
    [
      ["it never answers CONNECT", behindProxy({ respond: silence }), "UND_ERR_HEADERS_TIMEOUT"],
      ["it stops halfway in its response", behindProxy({ respond: writes(`${OK}x: `) }), "UND_ERR_HEADERS_TIMEOUT"],
      [
        "the TLS handshake behind it is never answered",
        behindProxy({ respond: tunnel }, { accept: silence }),
        "UND_ERR_CONNECT_TIMEOUT",
      ],
    ] as const
  ).map(([description, scene, cause]) =>
    row(description, scene, again("unreachable", { requests: 2, cause }), { limits: connecting }),
  ),
]);

function settings(description: string, HTTPS_PROXY: string, problem = /^HTTPS_PROXY is not a valid URL$/): Row {
  const scene = (): ReturnType<Scene> => Promise.resolve({ baseUrl: "https://localhost:1", env: { HTTPS_PROXY } });
  return row(description, scene, once("unreachable", { description: problem }));
}

const wrongScheme = /^HTTPS_PROXY must start with http:\/\/ or https:\/\/$/;
testRows("HTTPS_PROXY", [
  settings("is not a URL", "what is this?"),
  settings("lacks its scheme and begins with digits", "127.0.0.1:3128"),
  settings("lacks its scheme and begins with a name", "localhost:3128", wrongScheme),
  settings(
    "lacks its scheme and begins with a user",
    withPassword("x", "127.0.0.1:1").slice("x://".length),
    wrongScheme,
  ),
  settings("names a SOCKS proxy", withPassword("socks5", "127.0.0.1:3128"), wrongScheme),
  settings("has an invalid port", withPassword("http", "127.0.0.1:99999")),
  settings("has no host", withPassword("http", "")),
  settings("has a password with a % that encodes nothing", "http://user:50%@127.0.0.1:3128"),
  settings("has a user name with a % that encodes nothing", "http://50%@127.0.0.1:3128"),
]);

const elsewhere: Scene = async (stage) => {
  const { baseUrl } = await refused("http")(stage);
  return { baseUrl: "https://localhost:1", env: { HTTPS_PROXY: withPassword("http", new URL(baseUrl).host) } };
};
const unresolved = withEnv({ HTTPS_PROXY: withPassword("http", `${"x".repeat(64)}.invalid`) }, https({}));
testRows("a proxy cannot be reached:", [
  row("it is not running", elsewhere, briefly("unreachable", { cause: "ECONNREFUSED" })),
  row("its name does not resolve", unresolved, briefly("unreachable", { cause: "ENOTFOUND", connections: 0 })),
]);

function direct(description: string, env: (proxy: string) => Readonly<Record<string, string>>): Row {
  const scene = keepingAwayFrom((host) => withEnv(env(withPassword("http", host)), https({ accept: close })));
  return row(description, scene, again("unreachable", { cause: "ECONNRESET" }));
}

function proxied(description: string, env: Readonly<Record<string, string>>): Row {
  const scene = withEnv(env, behindProxy({ respond: answers(403) }));
  return row(description, scene, once("unreachable", { requests: 1, description: /403/ }));
}

const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
testRows("the environment decides whether a proxy is used:", [
  direct("NO_PROXY names the host", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "127.0.0.1" })),
  direct("no_proxy names several", (proxy) => ({ https_proxy: proxy, no_proxy: "x.invalid, 127.0.0.1" })),
  direct("NO_PROXY names everything", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "*" })),
  direct("HTTPS_PROXY is empty", () => ({ HTTPS_PROXY: "" })),
  direct("HTTP_PROXY alone is set, and Atlas is https", (proxy) => ({ HTTP_PROXY: proxy, http_proxy: proxy })),
  proxied("NO_PROXY names another host", { NO_PROXY: "elsewhere.invalid" }),
  proxied("NO_PROXY names another port", { NO_PROXY: "127.0.0.1:1" }),
  row(
    "all variables are set, and Atlas is plain http on loopback",
    keepingAwayFrom((host) =>
      withEnv(Object.fromEntries(names.map((name) => [name, withPassword("http", host)])), http({})),
    ),
    works(),
  ),
]);

for (const endpoint of endpoints) {
  describe(`a proxy of ${endpoint}`, () => {
    watchProcess();

    async function play(
      respond: Act,
      timeouts: Timeouts,
      run: (seen: readonly Received[], make: () => Promise<Played>, baseUrl: string) => Promise<void>,
      user?: string,
    ): Promise<void> {
      const stage = new Stage(timeouts.attemptMs);
      try {
        const { baseUrl, env, seen } = await behindProxy({ respond }, undefined, user)(stage);
        stage.onClose(setEnvironment(env));
        const settings = settingsFor(stage, timeouts);
        await run(seen!.requests, () => call(endpoint, { baseUrl }, settings), baseUrl);
      } finally {
        await stage.close();
      }
    }

    for (const { user, credentials } of [
      { user: undefined, credentials: `${proxyUser.name}:${proxyUser.password}` },
      { user: "a%40token", credentials: "a@token:" },
    ]) {
      it(`is told ${user ?? "its user name and password"} and the address, and nothing that is Atlas's`, () =>
        play(
          answers(403),
          DEFAULT_TIMEOUTS,
          async (seen, make, baseUrl) => {
            await make();
            const [{ method, target, headers, body } = assert.fail()] = seen;
            assert.deepEqual([method, target, body], ["CONNECT", new URL(baseUrl).host, ""]);
            assert.equal(headers.get("proxy-authorization"), `Basic ${Buffer.from(credentials).toString("base64")}`);
            assert.deepEqual([...headers.keys()].sort(), [
              "connection",
              "host",
              "proxy-authorization",
              "proxy-connection",
            ]);
          },
          user,
        ));
    }

    it("gets its connections back after all of them hung", () => {
      const wave = RequestQueue.MAX_CONCURRENT * attemptsWithin.other;
      let asked = 0;
      const respond: Act = (exchange) => (++asked <= wave ? silence : answers(403))(exchange);
      return play(respond, connecting, async (seen, make) => {
        await Promise.all(Array.from({ length: RequestQueue.MAX_CONCURRENT }, make));
        assert.equal(seen.length, wave);
        const { outcome } = await make();
        assert.ok("error" in outcome);
        assert.match(String(outcome.error), /the proxy refused CONNECT \(status 403\)/);
      });
    });
  });
}
