import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { close, inTurn, reset, responds, writes } from "../support/behaviors";
import { FaultyServer, type Script } from "../support/faulty-server";
import { failureOf, Fixture, FORMS, withState } from "./support/fixture";

const HOUR = 3_600_000;

interface Fault {
  readonly title: string;
  readonly server: Script;
  /** Default: that server is Atlas and speaks http. */
  readonly role?: "Atlas with https" | "the proxy";
  readonly issue: RegExp;
  readonly revoke: RegExp;
}

/** One of each kind; `test/faults` has them all. They show that the bundle holds what the client needs. */
const faults: readonly Fault[] = [
  {
    title: "the connection is reset after the request",
    server: { respond: reset },
    issue: /no_response/,
    revoke: /no_response/,
  },
  {
    title: "the body of a 200 is truncated",
    server: { respond: inTurn(writes('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token": "half'), close) },
    issue: /unexpected_response \(200\)[^]*truncated/,
    revoke: /unexpected_response \(200\)[^]*could not be read/,
  },
  {
    title: "the certificate is self-signed, even unchecked",
    server: { certificate: "self-signed" },
    role: "Atlas with https",
    issue: /unreachable[^]*DEPTH_ZERO_SELF_SIGNED_CERT/,
    revoke: /unreachable[^]*DEPTH_ZERO_SELF_SIGNED_CERT/,
  },
  {
    title: "the proxy refuses",
    server: { respond: responds(407) },
    role: "the proxy",
    issue: /unreachable[^]*proxy/,
    revoke: /unreachable[^]*proxy/,
  },
];

for (const form of FORMS) {
  describe(`the ${form} provider, when something fails`, function () {
    this.timeout(30_000);
    const fixture = new Fixture(form);

    for (const { title, server, role, issue, revoke } of faults) {
      it(`issues nothing and keeps the token if ${title}`, async () => {
        const secure = role === "Atlas with https";
        const faulty = await new FaultyServer(server, undefined).listen();
        try {
          const isProxy = role === "the proxy";
          const baseUrl = isProxy ? "https://atlas.invalid" : `${secure ? "https" : "http"}://${faulty.host}`;
          const provider = await fixture.share({
            PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "10ms",
            NODE_TLS_REJECT_UNAUTHORIZED: "0",
            ...(isProxy ? { HTTPS_PROXY: `http://${faulty.host}` } : {}),
          });
          const notIssued = await failureOf(provider.create("new", { baseUrl }));
          assert.match(notIssued.message, issue);
          assert.equal(notIssued.initialization, undefined);

          const token = await provider.create("ci");
          assert.match((await failureOf(provider.delete(withState(token, { baseUrl })))).message, revoke);
          assert.equal(faulty.connections.length, 2);
          await provider.delete(token);
          assert.equal(fixture.active, 0);
        } finally {
          await faulty.close();
        }
      });
    }

    it("retries a revoke that got no response, and says what it waits for", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci");
      let arrived = 0;
      fixture.before = () => {
        if (++arrived === 1) throw new Error("no response");
      };
      await provider.delete(token);
      assert.deepEqual(fixture.requests, ["issue 200", "revoke none", "revoke 200"]);
      assert.match(await provider.shown(), /No response from .*; retrying in 1 s/);
    });

    it("sends credentials over plain http past the proxy, which could read them", async () => {
      const proxy = await new FaultyServer({ respond: responds(407) }, undefined).listen();
      try {
        const url = `http://${proxy.host}`;
        const provider = await fixture.start({ HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url, grpc_proxy: url });
        const token = await provider.create("ci");
        await provider.diff(withState(token, { incomplete: true }), token.inputs);
        await provider.delete(token);
        assert.equal(fixture.active, 0);
        assert.match(await provider.shown(), /cannot be used/);
        assert.equal(proxy.connections.length, 0);
      } finally {
        await proxy.close();
      }
    });

    describe("with a token that is not a Bearer token", () => {
      const mac = { access_token: "a-token-of-another-kind", token_type: "mac", expires_in: 3600 };

      it("revokes it at once and stores nothing", async () => {
        fixture.atlas.failNext("issue", 200, { body: mac });
        const failure = await failureOf((await fixture.share()).create("ci"));
        assert.match(failure.message, /unexpected_response \(200\)[^]*Bearer/);
        assert.equal(failure.initialization, undefined);
        assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
      });

      it("stores and replaces it if it cannot be revoked, even after a refresh", async () => {
        fixture.atlas.failNext("issue", 200, { body: mac });
        fixture.atlas.failNext("revoke", 403);
        const provider = await fixture.share();
        const inputs = await provider.inputs("ci");
        const { initialization: stored, message } = await failureOf(provider.create("ci"));
        assert.ok(stored, message);
        const outs = provider.received(stored.properties);
        assert.match(stored.reasons[0] ?? "", /was issued but cannot be used/);
        assert.deepEqual([outs["incomplete"], outs["accessToken"]], [true, mac.access_token]);
        assert.equal(stored.properties["name"], form === "dynamic" ? "ci" : undefined);

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
    });

    it("tries the environment's secret if the configured one is rejected, and remembers it", async () => {
      const config = { clientId: defaultClientId, clientSecret: defaultClientSecret };
      const provider = await fixture.start({ MONGODB_ATLAS_CLIENT_SECRET: "another-fake-secret" }, config);
      const tokens = [await provider.create("first"), await provider.create("second")];
      fixture.atlas.setSecrets(defaultClientId, ["another-fake-secret"]);
      for (const token of tokens) await provider.delete(token);
      assert.deepEqual(fixture.requests.slice(2), ["revoke 401", "revoke 200", "revoke 200"]);
    });

    it("revokes a token that has expired only by the local clock", async () => {
      fixture.skew = -2 * HOUR;
      const provider = await fixture.start();
      const token = await provider.create("ci");
      await provider.delete(withState(token, { expiresAt: new Date(Date.now() - HOUR).toISOString() }));
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
      assert.equal(fixture.active, 0);
    });

    it("needs neither network nor credentials to delete an expired token, and says whose clock decided", async () => {
      const token = await (await fixture.share()).create("ci");
      const env = { MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "" };
      const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "10ms", ...env });
      const expiresAt = new Date(Date.now() - HOUR).toISOString();
      await provider.delete(withState(token, { expiresAt, baseUrl: "http://127.0.0.1:1" }));
      assert.match(await provider.shown(), new RegExp(`${token.id} expired at .*this machine's clock`));
    });
  });
}
