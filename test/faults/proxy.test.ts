import assert from "node:assert/strict";
import { once } from "node:events";

import { RequestQueue } from "../../provider/oauth/queue/request-queue";
import { endpoints } from "../support/oauth/contract";
import { close, first, inTurn, letPass, reset, responds, silence, tunnel, writes, type Act } from "./support/acts";
import { behindProxy, http, https, keepingAwayFrom, refused, withEnv, withPassword, type Scene } from "./support/scene";
import { proxyUser } from "./support/secrets";
import { timeouts, type Environment } from "./support/stage";
import { onStage, testRows, type Row } from "./support/table";

function row(description: string, scene: Scene, ending: string): Row {
  return { description, scene, issue: ending, revoke: ending };
}

/** How a call ends if the proxy refuses CONNECT. */
function refusal(status: number, attempts = 1): string {
  const made = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return `unreachable, after ${made} (UND_ERR_ABORTED): the proxy refused CONNECT (status ${status})`;
}

testRows("a proxy refuses CONNECT, and is asked again if that may pass:", [
  ...[301, 400, 401, 403, 407, 429, 500, 502, 503, 504].map((status) => {
    const attempts = [502, 503, 504].includes(status) ? 2 : 1;
    const respond = responds(status, "<h1>no</h1>", { "proxy-authenticate": "Basic" });
    return row(`it responds with ${status}`, behindProxy({ respond }), refusal(status, attempts));
  }),
  row(
    "it responds with 204, which nobody sends",
    behindProxy({ respond: writes("HTTP/1.1 204 None\r\n\r\n") }),
    refusal(204),
  ),
]);

const OK = "HTTP/1.1 200 OK\r\n";
/** Waits for what the client sends first. */
const hello: Act = async ({ socket }) => {
  await once(socket, "data");
};

testRows("a call behind a proxy is retried if", [
  ...Object.entries({
    "the proxy closes the connection on CONNECT": close,
    "the proxy resets the connection on CONNECT": reset,
    "the proxy stops within its response to CONNECT": inTurn(writes("HTTP/1.1 2"), close),
    "the proxy responds to CONNECT with garbage": writes("220 mail.invalid ESMTP\r\n"),
    "the proxy responds to CONNECT with headers of 200 KB": writes(`${OK}x: ${"y".repeat(200_000)}\r\n\r\n`),
    "the proxy closes the connection after it let CONNECT through": inTurn(writes(`${OK}\r\n`), close),
    "the proxy says something of its own after it let CONNECT through": writes(`${OK}\r\nhello there\r\n`),
  }).map(([description, respond]) => row(description, behindProxy({ respond }), "unreachable, after 2 attempts")),
  ...Object.entries({
    "the proxy never responds to CONNECT": letPass(timeouts.connectMs),
    "the proxy stops halfway in its response": inTurn(writes(`${OK}x: `), letPass(timeouts.connectMs)),
  }).map(([description, respond]) =>
    row(description, behindProxy({ respond }), "unreachable, after 2 attempts (UND_ERR_HEADERS_TIMEOUT)"),
  ),
  row(
    "the TLS handshake behind it gets no response",
    behindProxy({ respond: tunnel }, { accept: inTurn(hello, letPass(timeouts.connectMs)) }),
    "unreachable, after 2 attempts (UND_ERR_CONNECT_TIMEOUT)",
  ),
]);

function settings(description: string, HTTPS_PROXY: string, problem = "is not a valid URL"): Row {
  const ending = `unreachable, after 1 attempt (ERR_INVALID_URL): HTTPS_PROXY ${problem}`;
  return row(description, refused("https://localhost", { HTTPS_PROXY }), ending);
}

const wrongScheme = "must start with http:// or https://";
testRows("a call fails at once if HTTPS_PROXY", [
  settings("is not a URL", "what is this?"),
  settings("lacks its scheme and begins with a name", "localhost:3128", wrongScheme),
  settings(
    "lacks its scheme and begins with a user",
    withPassword("x", "127.0.0.1:1").slice("x://".length),
    wrongScheme,
  ),
  settings("names a SOCKS proxy", withPassword("socks5", "127.0.0.1:3128"), wrongScheme),
  settings("has an invalid port", withPassword("http", "127.0.0.1:99999")),
  settings("has a password with a % that encodes nothing", "http://user:50%@127.0.0.1:3128"),
  settings("has a user name with a % that encodes nothing", "http://50%@127.0.0.1:3128"),
]);

function proxyAt(host: string): Environment {
  return { HTTPS_PROXY: withPassword("http", host) };
}

testRows("a call is retried only briefly if the proxy", [
  row("is not running", refused("https://localhost", proxyAt("127.0.0.1:1")), "unreachable, after 3 attempts (ECONNR"),
  row(
    "has a name that does not resolve",
    refused("https://localhost", proxyAt(`${"x".repeat(64)}.invalid`)),
    "unreachable, after 3 attempts (ENOTFOUND",
  ),
]);

function direct(description: string, env: (proxy: string) => Environment): Row {
  const scene = keepingAwayFrom((host) => withEnv(env(withPassword("http", host)), https({ accept: close })));
  return row(`no proxy if ${description}`, scene, "unreachable, after 2 attempts (ECONNRESET)");
}

function proxied(description: string, env: Environment): Row {
  const scene = withEnv(env, behindProxy({ respond: responds(403) }));
  return row(`the proxy if ${description}`, scene, refusal(403));
}

const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const allNames = (host: string): Environment =>
  Object.fromEntries(names.map((name) => [name, withPassword("http", host)]));
testRows("a call uses", [
  direct("NO_PROXY names the host", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "127.0.0.1" })),
  direct("no_proxy names several", (proxy) => ({ https_proxy: proxy, no_proxy: "x.invalid, 127.0.0.1" })),
  direct("NO_PROXY names everything", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "*" })),
  direct("HTTPS_PROXY is empty", () => ({ HTTPS_PROXY: "" })),
  direct("HTTP_PROXY alone is set, and Atlas is https", (proxy) => ({ HTTP_PROXY: proxy, http_proxy: proxy })),
  proxied("NO_PROXY names another host", { NO_PROXY: "elsewhere.invalid" }),
  proxied("NO_PROXY names another port", { NO_PROXY: "127.0.0.1:1" }),
  {
    description: "no proxy if all variables are set, and Atlas is plain http on localhost",
    scene: keepingAwayFrom((host) => withEnv(allNames(host), http({}))),
    issue: "issued",
    revoke: "revoked",
  },
]);

describe("a proxy", () => {
  for (const { user, credentials } of [
    { user: undefined, credentials: `${proxyUser.name}:${proxyUser.password}` },
    { user: "a%40token", credentials: "a@token:" },
  ]) {
    it(`gets the address and ${user ?? "its user name and password"}, and nothing of Atlas's`, () =>
      onStage(behindProxy({ respond: responds(403) }, undefined, user), async ({ target: { seen, baseUrl }, make }) => {
        for (const endpoint of endpoints) await make(endpoint);
        assert.equal(seen?.requests.length, 2);
        for (const { method, target, headers, body } of seen.requests) {
          assert.deepEqual([method, target, body], ["CONNECT", new URL(baseUrl).host, ""]);
          assert.equal(headers.get("proxy-authorization"), `Basic ${Buffer.from(credentials).toString("base64")}`);
          const names = ["connection", "host", "proxy-authorization", "proxy-connection"];
          assert.deepEqual([...headers.keys()].sort(), names);
        }
      }));
  }

  for (const endpoint of endpoints) {
    it(`gets its connections for ${endpoint} back after all of them hung`, () => {
      let asked = 0;
      const atOnce = RequestQueue.MAX_CONCURRENT;
      const hang: Act = (exchange) => (++asked % atOnce === 0 ? letPass(timeouts.connectMs) : silence)(exchange);
      const respond = first(2 * atOnce, hang, responds(403));
      return onStage(behindProxy({ respond }), async ({ target: { seen }, make }) => {
        await Promise.all(Array.from({ length: atOnce }, () => make(endpoint)));
        assert.equal(seen?.requests.length, 2 * atOnce);
        assert.equal(await make(endpoint), refusal(403));
      });
    });
  }
});
