import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";

import { makeClientSettings } from "../../../provider/oauth/client-settings";
import { isAtlasOAuthError, type AtlasOAuthError } from "../../../provider/oauth/failure/error";
import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import { issue } from "../../../provider/oauth/issue";
import { revoke, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { first, type Behavior as AnyBehavior } from "../../support/behaviors";
import { cleanEnv } from "../../support/clean-env";
import { FakeClock } from "../../support/fake-clock";
import { contract, endpoints } from "../../support/oauth/contract";
import { FaultyServer, type Script as AnyScript } from "../../support/faulty-server";
import { assertNothingSecret } from "../../support/oauth/nothing-secret";
import { within } from "../../support/within";
import { credentials, proxyUser, secrets, tokenToRevoke } from "./secrets";

export type Behavior = AnyBehavior<Fixture>;
type Script = AnyScript<Fixture>;

/** The caller aborts the call. Its reason must not be shown. */
export const abortCall: Behavior = ({ context }) => context.caller.abort(new Error(credentials.clientSecret));

/** What a call meets. */
export interface Setup {
  readonly http?: Script;
  /** Without a certificate, what listens is not a TLS server. */
  readonly https?: Script;
  /** A base URL at which nothing listens, instead of a server. */
  readonly baseUrl?: string;
  /** A proxy in front of the server of https, which by default is healthy. */
  readonly proxy?: Script;
  /** The user and password in the URL of the proxy. */
  readonly user?: string;
  /** Variables of the environment, which can name a host to which the client must not connect. */
  readonly env?: Environment | ((elsewhere: string) => Environment);
}
export type Environment = Readonly<Record<string, string>>;

/** undici's, whose time passes in `letPass`, differ from its defaults. The one of an attempt is shorter than any wait. */
export const timeouts = { connectMs: 5_000, responseMs: 20_000, attemptMs: 100 };

/** What the calls of one test need. */
export class Fixture {
  readonly clock = new FakeClock();
  /** Two attempts are made of a call, and three if the connection is refused. */
  readonly settings = makeClientSettings({
    timeouts,
    retryTimeouts: { other: 700, refused: 1_000, rateLimit: 0 },
    clock: this.clock,
    random: () => 0,
  });
  /** Aborts the calls of the test. */
  readonly caller = new AbortController();

  baseUrl = "";
  /** The proxy, or else the server. */
  server: FaultyServer<Fixture> | undefined;
  /** A host to which the client must not connect. */
  elsewhere = "";

  /**
   * Makes a call and says how it ended: `issued`, `revoked`, or for example
   * `no_response, a token may exist, after 1 attempt (ECONNRESET)`. Fails if anything that it shows is secret.
   */
  async call(endpoint: Endpoint, options: Partial<RevokeTokenOptions> = {}): Promise<string> {
    const shown: unknown[] = [];
    const onWait: RevokeTokenOptions["onWait"] = (wait) => {
      shown.push(wait);
      void this.clock.advance(wait.waitMs);
    };
    const { baseUrl, settings, caller } = this;
    const all = { ...credentials, token: tokenToRevoke, signal: caller.signal, ...options, baseUrl, onWait };
    const made: Promise<object> = endpoint === "issue" ? issue(all, settings) : revoke(all, settings);
    const ending = await within(10, `${endpoint} to end`, made).then(
      (result) => {
        if ("outcome" in result) return String(result.outcome);
        assert.equal("accessToken" in result && result.accessToken, contract.issued.body.access_token);
        return "issued";
      },
      (error: unknown) => {
        if (!isAtlasOAuthError(error)) throw error;
        shown.push(error);
        return describeError(error);
      },
    );
    for (const value of [shown, ...shown]) assertNothingSecret(value, secrets);
    // undici looks once more at what came before it uses a connection again.
    await setImmediate();
    return ending;
  }
}

function describeError(error: AtlasOAuthError): string {
  const { code, status = "", attempts, mayHaveIssued, cause, description } = error;
  const sent = "sent" in error ? (error.sent ? ", sent" : ", not sent") : "";
  const made = `${mayHaveIssued ? ", a token may exist" : ""}, after ${attempts} attempt${attempts === 1 ? "" : "s"}`;
  const why = cause === undefined ? "" : ` (${cause.code ?? cause.name})`;
  return `${`${code} ${status}`.trim()}${sent}${made}${why}${description === undefined ? "" : `: ${description}`}`;
}

/** The URL of a proxy that takes a password. */
export function proxyUrl(scheme: string, host: string, user?: string): string {
  return `${scheme}://${user ?? `${proxyUser.name}:${encodeURIComponent(proxyUser.password)}`}@${host}`;
}

/** Sets up what some calls need, and closes it after them. */
export async function withFixture(setup: Setup, run: (fixture: Fixture) => Promise<void>): Promise<void> {
  const { http, proxy, https = proxy && { certificate: "valid" }, user, env = {} } = setup;
  const fixture = new Fixture();
  const start = (script: Script): Promise<FaultyServer<Fixture>> => new FaultyServer(script, fixture).listen();
  const atlas = await start(https ?? http ?? {});
  const elsewhere = await start({ accept: () => assert.fail("the client connected to another host") });
  const proxyServer = proxy && (await start(proxy));
  fixture.baseUrl = setup.baseUrl ?? `${https ? "https" : "http"}://${atlas.host}`;
  fixture.server = proxyServer ?? (setup.baseUrl === undefined ? atlas : undefined);
  fixture.elsewhere = elsewhere.host;
  const before = process.env;
  process.env = cleanEnv(typeof env === "function" ? env(elsewhere.host) : env);
  if (proxyServer) {
    // undici sends the address of a proxy as a server name, of which Node.js warns unless it is a name.
    process.env["https_proxy"] = proxy.certificate
      ? proxyUrl("https", proxyServer.host.replace("127.0.0.1", "localhost"))
      : proxyUrl("http", proxyServer.host, user);
  }
  try {
    await run(fixture);
  } catch (error) {
    // A call that hangs would keep its connection.
    fixture.caller.abort();
    throw error;
  } finally {
    process.env = before;
    // At the same time, since a tunnel closes with both its ends.
    await Promise.all([atlas.close(), elsewhere.close(), proxyServer?.close()]);
    assert.equal(fixture.clock.timers, 0, "a timer was left behind");
    assert.deepEqual(getEventListeners(fixture.caller.signal, "abort"), [], "the caller's signal has listeners");
  }
}

/** How a call ends: the beginning of what {@link Fixture.call} returns. */
export type Ending = string | Readonly<Record<Endpoint, string>>;

/** One test for each setup, which makes both calls. A behavior is that of an http server about each request. */
export function testCases(ending: Ending, setups: Readonly<Record<string, Setup | Behavior>>): void {
  for (const [description, setup] of Object.entries(setups)) {
    it(description, async () => {
      for (const endpoint of endpoints) {
        const expected = typeof ending === "string" ? ending : ending[endpoint];
        const attempts = Number(/after (\d+)/.exec(expected)?.[1] ?? 1);
        await testCall(
          endpoint,
          expected,
          attempts,
          typeof setup === "function" ? { http: { respond: setup } } : setup,
        );
        if (typeof setup !== "function" || attempts === 1) continue;
        // If the fault passes, the second attempt succeeds.
        await testCall(endpoint, `${endpoint}d`, 2, { http: { respond: first(1, setup) } });
      }
    });
  }
}

async function testCall(endpoint: Endpoint, expected: string, attempts: number, setup: Setup): Promise<void> {
  await withFixture(setup, async (fixture) => {
    const ending = await fixture.call(endpoint);
    assert.ok(ending.startsWith(expected), `${endpoint} ended with "${ending}" instead of "${expected}"`);
    if (!fixture.server) return;
    const { requests, connections } = fixture.server;
    // An attempt that gets no further than its connection has one of its own.
    assert.equal(requests.length || connections.length, attempts, "requests or connections");
  });
}
