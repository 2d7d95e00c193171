import assert from "node:assert/strict";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";

import type { LogEntry } from "../../examples/local-atlas";
import { failureOf, HostFixture } from "./support/host-fixture";

/** Answers every connection with the same bytes, or in any other way. */
async function startRaw(
  handle: (socket: Socket) => void,
): Promise<{ url: string; connections: () => number; close(): Promise<void> }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    connections++;
    sockets.add(socket.on("error", () => undefined));
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answer = (text: string) => (socket: Socket) => void socket.once("data", () => socket.end(text));

interface Row {
  readonly description: string;
  readonly handle: (socket: Socket) => void;
  readonly issue: RegExp;
  readonly revoke: RegExp;
  /** Whether the revoke is tried again; an issue never is, in these rows. */
  readonly again: boolean;
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
    revoke: /^$/,
    again: false,
  },
];

describe("a fault, seen through the provider host", function () {
  this.timeout(30_000);
  let before: (entry: LogEntry) => void = () => undefined;
  const fixture = new HostFixture(() => ({ before: (entry) => before(entry) }));
  afterEach(() => (before = () => undefined));
  const impatient = { PULUMI_ATLAS_TOKEN_PATIENCE: "1s" };

  for (const { description, handle, issue, revoke, again } of rows) {
    it(`is told after one attempt to issue, and nothing is stored: ${description}`, async () => {
      const raw = await startRaw(handle);
      try {
        const host = await fixture.start({ ...impatient, MONGODB_ATLAS_BASE_URL: raw.url });
        const failure = await failureOf(fixture.create(host, "ci"));
        assert.match(failure?.message ?? "", issue);
        assert.equal(failure?.initialization, undefined);
        assert.equal(raw.connections(), 1);
      } finally {
        await raw.close();
      }
    });

    it(`keeps the token in the state, and the next delete revokes it: ${description}`, async () => {
      const raw = await startRaw(handle);
      try {
        const host = await fixture.start(impatient);
        const { id, outs } = await fixture.create(host, "ci");
        const failure = await failureOf(host.delete(id, { ...outs, baseUrl: raw.url }));
        assert.match(failure?.message ?? "", revoke);
        assert.equal(raw.connections() > 1, again);
        await host.delete(id, outs);
        assert.ok(!fixture.atlas.isActive(String(outs["accessToken"])));
      } finally {
        await raw.close();
      }
    });
  }

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
    assert.match(host.stderr, /^Waiting \d+ s to revoke 1 token \(no_response, /m);
  });

  it("is told at once where the connection is refused for longer than the patience", async () => {
    const host = await fixture.start({ PULUMI_ATLAS_TOKEN_PATIENCE: "10ms" });
    const { id, outs } = await fixture.create(host, "ci");
    const raw = await startRaw(() => undefined);
    await raw.close();
    const failure = await failureOf(host.delete(id, { ...outs, baseUrl: raw.url }));
    assert.match(
      failure?.message ?? "",
      /unreachable[^]*Transport: ECONNREFUSED connect[^]*check the network and the proxy/,
    );
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
