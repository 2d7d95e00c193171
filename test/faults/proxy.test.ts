import assert from "node:assert/strict";
import { once } from "node:events";

import { RequestQueue } from "../../provider/oauth/queue/request-queue";
import { close, first, inTurn, letPass, reset, responds, silence, tunnel, writes } from "../support/behaviors";
import { endpoints } from "../support/oauth/contract";
import {
  proxyUrl,
  testCases,
  timeouts,
  withFixture,
  type Behavior,
  type Environment,
  type Setup,
} from "./support/fixture";
import { proxyUser } from "./support/secrets";

const OK = "HTTP/1.1 200 OK\r\n";

/** Setups with a proxy that responds in these ways. */
function proxies(behaviors: Readonly<Record<string, Behavior>>): Record<string, Setup> {
  const setups = Object.entries(behaviors).map(([description, respond]) => [description, { proxy: { respond } }]);
  return Object.fromEntries(setups) as Record<string, Setup>;
}

/** How a call ends if the proxy refuses CONNECT. */
function refusal(status: number, attempts = "1 attempt"): string {
  return `unreachable, after ${attempts} (UND_ERR_ABORTED): the proxy refused CONNECT (status ${status})`;
}

describe("a proxy refuses CONNECT, and is asked again if that may pass:", () => {
  for (const status of [301, 400, 401, 403, 407, 429, 500, 502, 503, 504]) {
    const respond = responds(status, "<h1>no</h1>", { "proxy-authenticate": "Basic" });
    const attempts = [502, 503, 504].includes(status) ? "2 attempts" : "1 attempt";
    testCases(refusal(status, attempts), proxies({ [`it responds with ${status}`]: respond }));
  }
  testCases(refusal(204), proxies({ "it responds with 204, which nobody sends": writes("HTTP/1.1 204 None\r\n\r\n") }));
});

describe("a call behind a proxy is retried if", () => {
  testCases(
    "unreachable, after 2 attempts",
    proxies({
      "the proxy closes the connection on CONNECT": close,
      "the proxy resets the connection on CONNECT": reset,
      "the proxy stops within its response to CONNECT": inTurn(writes("HTTP/1.1 2"), close),
      "the proxy responds to CONNECT with garbage": writes("220 mail.invalid ESMTP\r\n"),
      "the proxy responds to CONNECT with headers of 200 KB": writes(`${OK}x: ${"y".repeat(200_000)}\r\n\r\n`),
      "the proxy closes the connection after it let CONNECT through": inTurn(writes(`${OK}\r\n`), close),
      "the proxy says something of its own after it let CONNECT through": writes(`${OK}\r\nhello there\r\n`),
    }),
  );
  testCases(
    "unreachable, after 2 attempts (UND_ERR_HEADERS_TIMEOUT)",
    proxies({
      "the proxy never responds to CONNECT": letPass(timeouts.connectMs),
      "the proxy stops halfway in its response": inTurn(writes(`${OK}x: `), letPass(timeouts.connectMs)),
    }),
  );
  const afterHello = inTurn(({ socket }) => once(socket, "data").then(() => undefined), letPass(timeouts.connectMs));
  testCases("unreachable, after 2 attempts (UND_ERR_CONNECT_TIMEOUT)", {
    "the TLS handshake behind it gets no response": { proxy: { respond: tunnel }, https: { accept: afterHello } },
  });
});

/** Nothing may be connected to, and the environment is this. */
function setting(HTTPS_PROXY: string): Setup {
  return { baseUrl: "https://localhost:1", env: { HTTPS_PROXY } };
}

describe("a call fails at once if HTTPS_PROXY", () => {
  const ending = "unreachable, after 1 attempt (ERR_INVALID_URL): HTTPS_PROXY";
  testCases(`${ending} must start with http:// or https://`, {
    "names a SOCKS proxy": setting(proxyUrl("socks5", "127.0.0.1:3128")),
  });
  testCases(`${ending} is not a valid URL`, {
    "is not a URL": setting("what is this?"),
    "has an invalid port": setting(proxyUrl("http", "127.0.0.1:99999")),
    "has a password with a % that encodes nothing": setting("http://user:50%@127.0.0.1:3128"),
    "has a user name with a % that encodes nothing": setting("http://50%@127.0.0.1:3128"),
  });
});

describe("a call is retried only briefly if the proxy", () => {
  const ending = "unreachable, after 3 attempts";
  testCases(`${ending} (ECONNR`, {
    "is not running": setting(proxyUrl("http", "127.0.0.1:1")),
    "is not running, and has no scheme": setting("localhost:1"),
    "is not running, and has a user but no scheme": setting(proxyUrl("", "127.0.0.1:1").slice("://".length)),
  });
  const name = `${"x".repeat(64)}.invalid`;
  testCases(`${ending} (ENOTFOUND`, { "has a name that does not resolve": setting(proxyUrl("http", name)) });
});

describe("a call uses", () => {
  /** What is reached without the proxy. */
  const https = { accept: close };
  function env(names: readonly string[], more: Environment = {}) {
    return (elsewhere: string) => ({
      ...Object.fromEntries(names.map((name) => [name, proxyUrl("http", elsewhere)])),
      ...more,
    });
  }
  testCases("unreachable, after 2 attempts (ECONNRESET)", {
    "no proxy if NO_PROXY names the host": { https, env: env(["HTTPS_PROXY"], { NO_PROXY: "127.0.0.1" }) },
    "no proxy if no_proxy names several": { https, env: env(["https_proxy"], { no_proxy: "x.invalid, 127.0.0.1" }) },
    "no proxy if NO_PROXY names everything": { https, env: env(["HTTPS_PROXY"], { NO_PROXY: "*" }) },
    "no proxy if HTTPS_PROXY is empty": { https, env: { HTTPS_PROXY: "" } },
    "no proxy if HTTP_PROXY alone is set, and Atlas is https": { https, env: env(["HTTP_PROXY", "http_proxy"]) },
  });
  const proxy = { respond: responds(403) };
  testCases(refusal(403), {
    "the proxy if NO_PROXY names another host": { proxy, env: { NO_PROXY: "elsewhere.invalid" } },
    "the proxy if NO_PROXY names another port": { proxy, env: { NO_PROXY: "127.0.0.1:1" } },
  });
  const all = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  testCases(
    { issue: "issued", revoke: "revoked" },
    { "no proxy if all variables are set, and Atlas is plain http on localhost": { http: {}, env: env(all) } },
  );
});

describe("a proxy", () => {
  for (const { user, credentials } of [
    { user: undefined, credentials: `${proxyUser.name}:${proxyUser.password}` },
    { user: "a%40token", credentials: "a@token:" },
  ]) {
    it(`gets the address and ${user ?? "its user name and password"}, and nothing of Atlas's`, () =>
      withFixture({ proxy: { respond: responds(403) }, ...(user && { user }) }, async (fixture) => {
        for (const endpoint of endpoints) await fixture.call(endpoint);
        const { requests } = fixture.server!;
        assert.equal(requests.length, 2);
        for (const { method, url, headers } of requests) {
          assert.deepEqual([method, url], ["CONNECT", new URL(fixture.baseUrl).host]);
          assert.equal(headers["proxy-authorization"], `Basic ${Buffer.from(credentials).toString("base64")}`);
          const names = ["connection", "host", "proxy-authorization", "proxy-connection"];
          assert.deepEqual(Object.keys(headers).sort(), names);
        }
      }));
  }

  for (const endpoint of endpoints) {
    it(`gets its connections for ${endpoint} back after all of them hung`, () => {
      let asked = 0;
      const atOnce = RequestQueue.MAX_CONCURRENT;
      const hang: Behavior = (exchange) => (++asked % atOnce === 0 ? letPass(timeouts.connectMs) : silence)(exchange);
      return withFixture({ proxy: { respond: first(2 * atOnce, hang, responds(403)) } }, async (fixture) => {
        await Promise.all(Array.from({ length: atOnce }, () => fixture.call(endpoint)));
        assert.equal(fixture.server!.requests.length, 2 * atOnce);
        assert.equal(await fixture.call(endpoint), refusal(403));
      });
    });
  }
});
