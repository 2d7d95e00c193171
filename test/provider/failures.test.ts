import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

import { defaultClientId, defaultClientSecret, type LogEntry } from "../../examples/local-atlas";
import { failureOf, Fixture, FORMS, root, unwrap, type Token } from "./support/fixture";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The first retry comes within a second, so that a call with a retryable failure makes two attempts at least. */
const IMPATIENT = { PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "1500ms" };

const certificates = join(root, "test", "faults", "certificates");
const selfSigned = {
  cert: readFileSync(join(certificates, "self-signed.pem")),
  key: readFileSync(join(certificates, "only-for-tests-on-127.0.0.1.key.pem")),
};

type Handle = (socket: Socket) => void;

interface Raw {
  readonly origin: string;
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A server that speaks whatever `handle` makes of a connection. */
async function startRaw(handle: Handle, tls?: typeof selfSigned): Promise<Raw> {
  const sockets: Socket[] = [];
  const server =
    tls === undefined ? createTcpServer(handle) : createTlsServer(tls, handle).on("tlsClientError", () => undefined);
  server.on("connection", (socket: Socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const respond = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text));

interface Fault {
  readonly title: string;
  readonly handle: Handle;
  readonly tls?: typeof selfSigned;
  /** Default: that server. */
  readonly baseUrl?: string;
  readonly env?: (raw: Raw) => Readonly<Record<string, string>>;
  readonly issue: RegExp;
  /** Absent if the revoke succeeds. */
  readonly revoke?: RegExp;
  readonly retried: boolean;
  /** Connections of one attempt. Default: 1. */
  readonly connections?: number;
}

const faults: readonly Fault[] = [
  {
    title: "a connection that is reset after the request",
    handle: (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    issue: /no_response/,
    revoke: /no_response/,
    retried: true,
  },
  {
    title: "garbage instead of HTTP",
    handle: respond("SSH-2.0-OpenSSH_9.9\r\n"),
    issue: /no_response[^]*HTTPParserError/,
    revoke: /no_response[^]*HTTPParserError/,
    retried: true,
  },
  {
    title: "a redirect to another host",
    handle: respond("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/login\r\nContent-Length: 0\r\n\r\n"),
    issue: /unexpected_response \(302\)[^]*elsewhere\.example/,
    revoke: /unexpected_response \(302\)[^]*elsewhere\.example/,
    retried: false,
  },
  {
    title: "a gateway's 502 in HTML",
    handle: respond("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<hr>"),
    issue: /unexpected_response \(502\)/,
    revoke: /unexpected_response \(502\)/,
    retried: true,
  },
  {
    title: "a 200 whose body is truncated",
    handle: respond('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token": "half-a-tok'),
    issue: /unexpected_response \(200\)[^]*truncated/,
    retried: false,
  },
  {
    title: "a 401 that asks for Digest",
    handle: respond(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="MMS", nonce="x", qop="auth"\r\nContent-Length: 0\r\n\r\n',
    ),
    issue: /invalid_client \(401\)/,
    revoke: /invalid_client \(401\)/,
    retried: false,
  },
  {
    title: "a name that does not resolve",
    handle: () => undefined,
    // A label has 63 characters at most, so that no resolver is asked.
    baseUrl: `https://${"x".repeat(64)}.invalid`,
    issue: /unreachable[^]*ENOTFOUND/,
    revoke: /unreachable[^]*ENOTFOUND/,
    retried: false,
    connections: 0,
  },
  {
    title: "a self-signed certificate, even if the checks are switched off",
    handle: () => undefined,
    tls: selfSigned,
    env: () => ({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
    issue: /unreachable[^]*DEPTH_ZERO_SELF_SIGNED_CERT/,
    revoke: /unreachable[^]*DEPTH_ZERO_SELF_SIGNED_CERT/,
    retried: false,
  },
  {
    title: "a proxy that refuses",
    handle: respond("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
    baseUrl: "https://atlas.invalid",
    env: ({ origin }) => ({ HTTPS_PROXY: `http://${origin}` }),
    issue: /unreachable[^]*proxy/,
    revoke: /unreachable[^]*proxy/,
    retried: false,
  },
];

/** What Atlas documents for a failed revoke. */
const documented: readonly [number, string][] = [
  [400, "invalid_request"],
  [401, "invalid_client"],
  [403, "access_denied"],
  [429, "rate_limited"],
  [500, "server_error"],
  [503, "service_unavailable"],
];

for (const form of FORMS) {
  describe(`the ${form} provider, when something fails`, function () {
    this.timeout(30_000);
    let before: (entry: LogEntry) => void = () => undefined;
    let after: (entry: LogEntry) => void = () => undefined;
    let now = Date.now;
    const fixture = new Fixture(form, () => ({
      before: (entry) => before(entry),
      after: (entry) => after(entry),
      now: () => now(),
    }));
    afterEach(() => {
      before = after = () => undefined;
      now = Date.now;
    });

    const withState = (token: Token, state: Record<string, unknown>): Token => ({
      ...token,
      outs: { ...token.outs, ...state },
    });

    for (const { title, handle, tls, env, issue, revoke, retried, connections = 1, ...row } of faults) {
      it(`issues nothing and ${revoke === undefined ? "still revokes" : "keeps the token until it is revoked"}: ${title}`, async () => {
        const raw = await startRaw(handle, tls);
        try {
          const baseUrl = row.baseUrl ?? `${tls === undefined ? "http" : "https"}://${raw.origin}`;
          const provider = await fixture.start({ ...IMPATIENT, ...env?.(raw) });
          const notIssued = await failureOf(provider.create("new", { baseUrl }));
          assert.match(notIssued.message, issue);
          assert.match(notIssued.message, /Attempts: 1 in /);
          assert.equal(notIssued.initialization, undefined);
          assert.equal(raw.connections(), connections);

          const token = await provider.create("ci");
          const revoked = provider.delete(withState(token, { baseUrl }));
          if (revoke === undefined) await revoked;
          else assert.match((await failureOf(revoked)).message, revoke);
          if (retried) assert.ok(raw.connections() > 1 + connections);
          else assert.equal(raw.connections(), 2 * connections);
          await provider.delete(token);
          assert.equal(fixture.active, 0);
        } finally {
          await raw.close();
        }
      });
    }

    it("keeps the token after each documented failure of a revoke, and the next delete revokes it", async () => {
      const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "1ms" });
      fixture.atlas.settings.requestsPerWindow = 0;
      const token = await provider.create("ci");
      for (const [code, name] of documented) {
        fixture.atlas.failNext("revoke", code);
        const { message } = await failureOf(provider.delete(token));
        assert.ok(message.startsWith(`ServiceAccountToken ${token.id} was not revoked: ${name} (${code})`), message);
        assert.equal(fixture.active, 1);
      }
      await provider.delete(token);
      assert.equal(fixture.active, 0);
    });

    it("retries a revoke that got 500, 503 and no response, and says what it waits for", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci");
      fixture.atlas.failNext("revoke", 500);
      fixture.atlas.failNext("revoke", 503, { retryAfter: null });
      let arrived = 0;
      before = ({ endpoint }) => {
        if (endpoint === "revoke" && ++arrived === 1) throw new Error("no response");
      };
      await provider.delete(token);
      assert.equal(arrived, 4);
      assert.equal(fixture.active, 0);
      assert.match(await provider.shown(), /retrying in \d+ s/);
    });

    it("gives up at once if Retry-After exceeds the retry timeout", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci");
      fixture.atlas.failNext("revoke", 429, { retryAfter: 365 * 24 * 3600 });
      const { message } = await failureOf(provider.delete(withState(token, { expiresAt: "2999-01-01T00:00:00Z" })));
      assert.match(message, /rate_limited \(429\)[^]*Attempts: 1 in .*365 d/);
    });

    it("uses the default for a retry timeout that is not a duration, and says so", async () => {
      const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "soon" });
      const token = await provider.create("ci");
      fixture.atlas.failNext("revoke", 503, { retryAfter: 1 });
      await provider.delete(token);
      assert.match(await provider.shown(), /PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT is not a valid duration/);
    });

    it("sends credentials over plain http past the proxy, which could read them", async () => {
      const proxy = await startRaw(respond("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
      try {
        const url = `http://${proxy.origin}`;
        const provider = await fixture.start({ HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url, grpc_proxy: url });
        const token = await provider.create("ci");
        await provider.diff(withState(token, { incomplete: true }), token.inputs);
        await provider.delete(token);
        assert.equal(fixture.active, 0);
        assert.match(await provider.shown(), /cannot be used/);
        assert.equal(proxy.connections(), 0);
      } finally {
        await proxy.close();
      }
    });

    describe("an issued token that cannot be used", () => {
      const mac = { access_token: "a-token-of-another-kind", token_type: "mac", expires_in: 3600 };

      it("may exist if its response was lost: it is not requested again, and the message says so", async () => {
        after = () => {
          throw new Error("the response is lost");
        };
        const provider = await fixture.start();
        const failure = await failureOf(provider.create("ci"));
        assert.match(failure.message, /^ServiceAccountToken "ci" was not created: no_response[^]*within an hour/);
        assert.equal(failure.initialization, undefined);
        assert.equal(fixture.requests.length, 1);
      });

      it("is revoked at once if it is not a Bearer token, and nothing is stored", async () => {
        fixture.atlas.failNext("issue", 200, { body: mac });
        const provider = await fixture.start();
        const failure = await failureOf(provider.create("ci"));
        assert.match(failure.message, /unexpected_response \(200\)[^]*Bearer/);
        assert.equal(failure.initialization, undefined);
        assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
      });

      it("is stored and replaced if it cannot be revoked, even after a refresh", async () => {
        fixture.atlas.failNext("issue", 200, { body: mac });
        fixture.atlas.failNext("revoke", 403);
        const provider = await fixture.start();
        const inputs = await provider.inputs("ci");
        const { initialization: stored, message } = await failureOf(provider.create("ci"));
        assert.ok(stored, message);
        const outs = unwrapped(stored.properties);
        assert.match(stored.reasons[0] ?? "", /was issued but cannot be used/);
        assert.deepEqual([outs["incomplete"], outs["accessToken"]], [true, mac.access_token]);

        // The update that Pulumi runs for a failed initialization must not make it look complete.
        const token = { name: "ci", id: stored.id, inputs, outs };
        const updated = { ...token, outs: await provider.update(token, inputs) };
        assert.equal(updated.outs["incomplete"], true);
        await provider.read(updated);
        assert.deepEqual((await provider.diff(updated, inputs)).replaces, []);
        assert.deepEqual((await provider.diff(updated, inputs)).replaces, ["accessToken"]);
        await provider.delete(updated);
        assert.equal(fixture.requests.at(-1), "revoke 200");
      });

      for (const [title, body] of [
        ["without a token", { token_type: "Bearer", expires_in: 3600 }],
        ["with a token that is not a string", { access_token: 17, token_type: "Bearer" }],
        ["that is not JSON", "<html>"],
      ] as const) {
        it(`may exist after a 200 ${title}, and the message says so`, async () => {
          fixture.atlas.failNext("issue", 200, { body });
          const provider = await fixture.start();
          const failure = await failureOf(provider.create("ci"));
          assert.match(failure.message, /unexpected_response \(200\)[^]*within an hour/);
          assert.equal(failure.initialization, undefined);
          assert.equal(fixture.requests.length, 1);
        });
      }
    });

    describe("credentials that changed since the last `up`", () => {
      const config = { clientId: defaultClientId, clientSecret: defaultClientSecret };

      it("are tried from the environment if the configured ones are rejected, and remembered", async () => {
        const provider = await fixture.start({ MONGODB_ATLAS_CLIENT_SECRET: "another-fake-secret" }, config);
        const tokens = [await provider.create("first"), await provider.create("second")];
        fixture.atlas.setSecrets(defaultClientId, ["another-fake-secret"]);
        for (const token of tokens) await provider.delete(token);
        assert.deepEqual(fixture.requests.slice(2), ["revoke 401", "revoke 200", "revoke 200"]);
      });

      it("are ignored if they are paired with another client ID, and the message says what to set", async () => {
        const token = await (await fixture.start()).create("ci");
        const provider = await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "another-client" });
        const { message } = await failureOf(provider.delete(token));
        assert.match(message, /no client secret is configured for client ID local-atlas-client/);
        assert.match(message, /MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);
        assert.deepEqual(fixture.requests, ["issue 200"]);
      });

      it("are used if no client ID is paired with them", async () => {
        const token = await (await fixture.start()).create("ci");
        await (await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "" })).delete(token);
        assert.equal(fixture.active, 0);
      });

      it("were deleted with the service account: the message says until when to wait", async () => {
        const provider = await fixture.start();
        const token = await provider.create("ci");
        fixture.atlas.removeClient(defaultClientId);
        const { message } = await failureOf(provider.delete(token));
        const expiresAt = String(token.outs["expiresAt"]);
        const until = new Date(Date.parse(expiresAt) + 5 * MINUTE).toISOString().replace(".000", "");
        assert.match(message, /invalid_client \(401\)/);
        assert.ok(message.includes(until), message);
      });
    });

    describe("clocks that differ", () => {
      it("keep the server's times in the state", async () => {
        for (const skew of [-HOUR, HOUR]) {
          now = () => Date.now() + skew;
          const { outs } = await (await fixture.start()).create("ci");
          const issued = fixture.atlas.tokens().at(-1);
          assert.ok(Math.abs(Date.parse(String(outs["issuedAt"])) - Number(issued?.issuedAt)) <= 1000);
          assert.ok(Math.abs(Date.parse(String(outs["expiresAt"])) - Number(issued?.expiresAt)) <= 1000);
        }
      });

      it("cost no revocation if only the local one says that the token has expired", async () => {
        const token = await (await fixture.start()).create("ci");
        now = () => Date.now() - 2 * HOUR;
        const provider = await fixture.start();
        const old = { ...token, outs: { ...token.outs, expiresAt: new Date(Date.now() - HOUR).toISOString() } };
        await provider.delete(old);
        assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
        assert.equal(fixture.active, 0);
      });

      it("need neither network nor credentials once the local one says so, and a line says that", async () => {
        const token = await (await fixture.start()).create("ci");
        await fixture.atlas.close();
        const env = { ...IMPATIENT, MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "" };
        const provider = await fixture.start(env);
        await provider.delete(withState(token, { expiresAt: new Date(Date.now() - HOUR).toISOString() }));
        assert.match(await provider.shown(), new RegExp(`${token.id} expired at .*this machine's clock`));
      });

      it("need no further request for an expired token once Atlas's is known", async () => {
        const provider = await fixture.start();
        const token = await provider.create("ci");
        await provider.delete(withState(token, { expiresAt: new Date(Date.now() - HOUR).toISOString() }));
        assert.deepEqual(fixture.requests, ["issue 200"]);
      });
    });
  });
}

function unwrapped(properties: Record<string, unknown>): Record<string, unknown> {
  const { name, __provider, ...others } = unwrap(properties) as Record<string, unknown>;
  return others;
}
