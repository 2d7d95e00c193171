import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

import type { LogEntry } from "../../examples/local-atlas";
import { failureOf, HostFixture } from "./support/host-fixture";

type Handle = (socket: Socket) => void;

const certificates = join(__dirname, "..", "faults", "certificates");
const selfSigned = {
  cert: readFileSync(join(certificates, "self-signed.pem")),
  key: readFileSync(join(certificates, "only-for-tests-on-127.0.0.1.key.pem")),
};

/** Answers every connection with the same bytes, or in any other way. */
async function startRaw(handle: Handle, tls?: typeof selfSigned): Promise<Raw> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    connections++;
    sockets.add(socket.on("error", () => undefined));
  };
  const server =
    tls === undefined ? createTcpServer(handle) : createTlsServer(tls, handle).on("tlsClientError", () => undefined);
  server.on("connection", accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Raw {
  readonly origin: string;
  readonly connections: () => number;
  close(): Promise<void>;
}

const answer = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text));

interface Row {
  readonly description: string;
  readonly handle: Handle;
  readonly tls?: typeof selfSigned;
  /** Where Atlas is said to be; at that server, unless it is said here. */
  readonly baseUrl?: string;
  readonly env?: (raw: Raw) => Readonly<Record<string, string>>;
  /** What is told of an issue, which in these rows is never tried again. */
  readonly issue: RegExp;
  /** What is told of a revoke; nothing where it succeeds. */
  readonly revoke?: RegExp;
  /** Whether the revoke is tried again. */
  readonly again: boolean;
  /** Connections that the server sees of one attempt: 1 unless it is said here. */
  readonly connections?: number;
}

const rows: readonly Row[] = [
  {
    description: "a connection that is reset after the request",
    handle: (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    issue: /no_response/,
    revoke: /no_response[^]*may be revoked already/,
    again: true,
  },
  {
    description: "a connection that is closed without an answer",
    handle: (socket) => void socket.once("data", () => socket.end()),
    issue: /no_response/,
    revoke: /no_response[^]*may be revoked already/,
    again: true,
  },
  {
    description: "garbage instead of HTTP",
    handle: answer("SSH-2.0-OpenSSH_9.9\r\n"),
    issue: /no_response[^]*Transport: HTTPParserError/,
    revoke: /no_response[^]*Transport: HTTPParserError/,
    again: true,
  },
  {
    description: "a redirect to another host",
    handle: answer("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/login\r\nContent-Length: 0\r\n\r\n"),
    issue: /unexpected_response \(302\)[^]*redirects to elsewhere\.example/,
    revoke: /unexpected_response \(302\)[^]*redirects to elsewhere\.example/,
    again: false,
  },
  {
    description: "a gateway's 502 in HTML",
    handle: answer(
      "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>oops</h1>\r\n",
    ),
    issue: /unexpected_response \(502\)[^]*may have been issued/,
    revoke: /unexpected_response \(502\)[^]*still active/,
    again: true,
  },
  {
    description: "a 200 whose body breaks off",
    handle: answer('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token": "half-a-tok'),
    issue: /unexpected_response \(200\)[^]*the answer broke off[^]*may have been issued/,
    again: false,
  },
  {
    description: "a 401 that asks for Digest",
    handle: answer(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="MMS", nonce="x", qop="auth"\r\nContent-Length: 0\r\n\r\n',
    ),
    issue: /invalid_client \(401\)[^]*check the client id and secret/,
    revoke: /invalid_client \(401\)[^]*still active/,
    again: false,
  },
  {
    description: "a name that does not resolve",
    handle: () => undefined,
    // A label has 63 characters at most: no resolver is asked.
    baseUrl: `https://${"x".repeat(64)}.invalid`,
    issue: /unreachable[^]*Transport: ENOTFOUND[^]*check the base URL/,
    revoke: /unreachable[^]*Transport: ENOTFOUND[^]*still active/,
    again: false,
    connections: 0,
  },
  {
    description: "a certificate that nobody signed, also where checking is switched off",
    handle: () => undefined,
    tls: selfSigned,
    env: () => ({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
    issue: /unreachable[^]*Transport: DEPTH_ZERO_SELF_SIGNED_CERT/,
    revoke: /unreachable[^]*Transport: DEPTH_ZERO_SELF_SIGNED_CERT[^]*still active/,
    again: false,
  },
  {
    description: "a proxy that refuses",
    handle: answer("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
    baseUrl: "https://atlas.invalid",
    env: ({ origin }) => ({ HTTPS_PROXY: `http://${origin}` }),
    issue: /unreachable[^]*check the base URL, the network and the proxy/,
    revoke: /unreachable[^]*check the network and the proxy/,
    again: false,
  },
];

describe("a fault, seen through the provider host", function () {
  this.timeout(30_000);
  let before: (entry: LogEntry) => void = () => undefined;
  const fixture = new HostFixture(() => ({ before: (entry) => before(entry) }));
  afterEach(() => (before = () => undefined));
  // The first wait, of a second at most, is always within this.
  const impatient = { PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "1500ms" };

  for (const { description, handle, tls, env, issue, revoke, again, connections = 1, ...row } of rows) {
    const scene = async (): Promise<{ raw: Raw; baseUrl: string; env: Readonly<Record<string, string>> }> => {
      const raw = await startRaw(handle, tls);
      const baseUrl = row.baseUrl ?? `${tls === undefined ? "http" : "https"}://${raw.origin}`;
      return { raw, baseUrl, env: { ...impatient, ...env?.(raw) } };
    };

    it(`is told after one attempt to issue, and nothing is stored: ${description}`, async () => {
      const { raw, baseUrl, env } = await scene();
      try {
        const host = await fixture.start({ ...env, MONGODB_ATLAS_BASE_URL: baseUrl });
        const failure = await failureOf(fixture.create(host, "ci"));
        assert.match(failure?.message ?? "", issue);
        assert.match(failure?.message ?? "", /Attempts: 1 in /);
        assert.equal(failure?.initialization, undefined);
        assert.equal(raw.connections(), connections);
      } finally {
        await raw.close();
      }
    });

    it(`${revoke === undefined ? "does not keep a token from being revoked" : "keeps the token in the state, and the next delete revokes it"}: ${description}`, async () => {
      const { raw, baseUrl, env } = await scene();
      try {
        const host = await fixture.start(env);
        const { id, outs } = await fixture.create(host, "ci");
        const failure = await failureOf(host.delete(id, { ...outs, baseUrl }));
        if (revoke === undefined) assert.equal(failure, undefined);
        else assert.match(failure?.message ?? "", revoke);
        if (again) assert.ok(raw.connections() > 1, String(raw.connections()));
        else assert.equal(raw.connections(), connections);
        await host.delete(id, outs);
        assert.ok(!fixture.atlas.isActive(String(outs["accessToken"])));
      } finally {
        await raw.close();
      }
    });
  }

  it("does not come from the proxy where Atlas is on plain http: that is never asked, since it could read the credentials", async () => {
    const proxy = await startRaw(answer("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
    try {
      const url = `http://${proxy.origin}`;
      const host = await fixture.start({ HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url });
      const { id, outs } = await fixture.create(host, "ci");
      await host.delete(id, outs);
      assert.ok(!fixture.atlas.isActive(String(outs["accessToken"])));
      assert.equal(proxy.connections(), 0);
    } finally {
      await proxy.close();
    }
  });

  it("tries a revoke again that got 500, 503 and no answer, and succeeds", async () => {
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    fixture.atlas.failNext("revoke", 500);
    fixture.atlas.failNext("revoke", 503, { retryAfter: null });
    let arrived = 0;
    before = ({ endpoint }) => {
      if (endpoint === "revoke" && ++arrived === 1) throw new Error("no answer");
    };
    await host.delete(id, outs);
    assert.equal(arrived, 4);
    assert.deepEqual(
      fixture.atlas.tokens().map(({ active }) => active),
      [false],
    );
    await host.close();
    assert.match(host.stderr, /^Waiting \d+ s to revoke 1 token \(no_response, /m);
  });

  it("is told at once where the connection is refused for longer than the patience", async () => {
    const host = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "10ms" });
    const { id, outs } = await fixture.create(host, "ci");
    const raw = await startRaw(() => undefined);
    await raw.close();
    const failure = await failureOf(host.delete(id, { ...outs, baseUrl: `http://${raw.origin}` }));
    assert.match(
      failure?.message ?? "",
      /unreachable[^]*Transport: ECONNREFUSED connect[^]*check the network and the proxy/,
    );
  });

  it("is waited out as long as ever where the patience is no duration, and a line says so", async () => {
    const host = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "soon" });
    const { id, outs } = await fixture.create(host, "ci");
    fixture.atlas.failNext("revoke", 503, { retryAfter: 1 });
    await host.delete(id, outs);
    await host.close();
    assert.match(
      host.stderr,
      /^PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT is not a valid duration \(for example 10m\); using the default, 5m$/m,
    );
    assert.match(host.stderr, /; gives up in 5 min$/m);
  });

  it("fails at once where Retry-After is longer than anybody waits", async () => {
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    fixture.atlas.failNext("revoke", 429, { retryAfter: 365 * 24 * 3600 });
    const failure = await failureOf(host.delete(id, { ...outs, expiresAt: "2999-01-01T00:00:00Z" }));
    assert.match(failure?.message ?? "", /rate_limited \(429\)[^]*Attempts: 1 in .*Atlas asks to wait 365 d/);
  });

  it("does not send a token to be revoked that expired while the revoke was tried again", async () => {
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    // Five minutes of tolerance, but for two seconds.
    const expiresAt = new Date(Date.now() - 298_000).toISOString();
    fixture.atlas.failNext("revoke", 503, { retryAfter: 200 });
    await host.delete(id, { ...outs, expiresAt });
    assert.deepEqual(
      fixture.atlas.log().map(({ endpoint, status }) => [endpoint, status]),
      [
        ["issue", 200],
        ["revoke", 503],
      ],
    );
  });
});
