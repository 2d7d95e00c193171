import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Struct, Value } from "google-protobuf/google/protobuf/struct_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { PluginAttach, type PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { status, type ClientUnaryCall } from "@grpc/grpc-js";

import { defaultClientId } from "../../examples/local-atlas";
import { call, toStruct } from "../support/provider-host";
import { reveal, secret, UNKNOWN, type Properties } from "../support/values";
import { until } from "../support/within";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { failureOf, Fixture, withState, type Provider } from "./support/fixture";

describe("what only the packaged provider does", function () {
  this.timeout(30_000);
  const fixture = new Fixture("packaged");

  it("shows the outputs of a preview as unknown, and those that are secret as secrets", async () => {
    const provider = await fixture.share();
    const inputs = await provider.inputs("ci", { clientSecret: "a-fake-secret" });
    const { id, outs } = await provider.host.create(inputs, { urn: provider.urn("ci"), preview: true });
    assert.equal(id, "");
    assert.deepEqual(outs, {
      ...inputs,
      clientSecret: secret("a-fake-secret"),
      accessToken: secret(UNKNOWN),
      tokenType: UNKNOWN,
      issuedAt: UNKNOWN,
      expiresAt: UNKNOWN,
    });
    assert.deepEqual(fixture.requests, []);
  });

  it("marks in all that it returns what is always secret, and what came marked at the same place", async () => {
    const provider = await fixture.start({}, { clientId: secret(defaultClientId) });
    const { host } = provider;
    const urn = provider.urn("ci");
    const args = { clientSecret: "a-fake-secret", existingToken: "a-fake-token" };
    const keepers = { release: 1, nested: [{ password: secret("x") }, secret(["y"])] };
    const { inputs } = await host.check({}, { ...args, keepers }, { urn });
    const { id, outs } = await host.create(inputs, { urn });
    const { props } = await host.read(id, outs, { urn });
    const updated = await host.update(id, outs, inputs, { urn });
    const marked = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, secret(value)]));
    for (const { baseUrl, renewBefore, accessToken, tokenType, ...others } of [inputs, outs, props, updated.outs])
      assert.deepEqual(others, { ...marked, keepers, clientId: secret(defaultClientId) });
    for (const { accessToken } of [outs, props, updated.outs]) assert.deepEqual(accessToken, secret("a-fake-token"));
  });

  it("sees no change in a value that only became secret, or is secret no longer", async () => {
    const provider = await fixture.share();
    const urn = provider.urn("ci");
    const [plain, marked] = [{ keepers: { x: [1] } }, { keepers: { x: secret([1]) }, clientId: secret("a-client") }];
    for (const [olds, news] of [
      [{ ...plain, clientId: "a-client" }, marked],
      [marked, { ...plain, clientId: "a-client" }],
    ] as const)
      assert.deepEqual((await provider.host.diff("ci-1", olds, news, { urn })).diffs, []);
  });

  it("says in both places that it accepts secrets and resources", async () => {
    const { client } = (await fixture.start()).host;
    const handshake = new messages.ProviderHandshakeRequest();
    const shaken = await call<messages.ProviderHandshakeResponse>((done) => client.handshake(handshake, done));
    const configure = new messages.ConfigureRequest();
    const configured = await call<messages.ConfigureResponse>((done) => client.configure(configure, done));
    assert.deepEqual([shaken.getAcceptSecrets(), shaken.getAcceptResources()], [true, true]);
    assert.deepEqual([configured.getAcceptsecrets(), configured.getAcceptresources()], [true, true]);
  });

  it("does not name a secret argument that it refuses, whose value the engine would print", async () => {
    const provider = await fixture.share();
    const { failures } = await provider.check("ci", {
      baseUrl: secret("ftp://planted"),
      renewBefore: secret("planted"),
    });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["", ""],
    );
    assert.doesNotMatch(JSON.stringify(failures), /planted/);
  });

  it("drops what the dynamic provider kept in the state at the next update", async () => {
    const provider = await fixture.share();
    const token = await provider.create("ci");
    const moved = withState(token, { name: "ci", __provider: "a text" });
    assert.deepEqual((await provider.diff(moved, token.inputs)).changes, false);
    assert.deepEqual(await provider.update(moved, token.inputs), token.outs);
  });

  describe("import", () => {
    it("writes no event in a preview that creates the provider, which has no ID yet", async () => {
      const folder = await makeTempDir();
      try {
        const [token, file] = [join(folder, "token"), join(folder, "audit.jsonl")];
        writeFileSync(token, "an-opaque-token");
        for (const id of [UNKNOWN, "a-provider-id"]) {
          const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_AUDIT_LOG: file });
          const request = new messages.ConfigureRequest().setId(id);
          await call((done) => provider.host.client.configure(request, done));
          await read(provider, `file:${token}`);
          assert.equal(existsSync(file), id !== UNKNOWN);
        }
      } finally {
        await removeTempDir(folder);
      }
    });

    const read = async (provider: Provider, importId: string) => {
      const { id, props, inputs } = await provider.host.read(importId, {}, { urn: provider.urn("ci") });
      return { name: "ci", id, outs: reveal(props), inputs };
    };

    it("takes a token's place from an environment variable or a file, then renews and revokes it", async () => {
      const folder = await makeTempDir();
      try {
        for (const place of ["env:CI_TOKEN", `file:${join(folder, "token")}`]) {
          const accessToken = String((await (await fixture.share()).create("elsewhere")).outs["accessToken"]);
          writeFileSync(join(folder, "token"), `${accessToken}\n`);
          const provider = await fixture.start({ CI_TOKEN: accessToken });
          const imported = await read(provider, place);
          const { outs, inputs } = imported;
          assert.deepEqual([outs["accessToken"], outs["clientId"]], [accessToken, defaultClientId]);
          assert.deepEqual(await provider.inputs("ci", inputs), inputs);
          const next = await fixture.share();
          assert.deepEqual((await next.diff(imported, inputs)).detailed, {});
          await next.delete(imported);
          assert.ok(!fixture.atlas.isActive(accessToken));
        }
      } finally {
        await removeTempDir(folder);
      }
    });

    it("refuses what is not a regular file instead of waiting for it", async () => {
      for (const place of process.platform === "win32" ? ["."] : [".", "/dev/zero"]) {
        const { message } = await failureOf(read(await fixture.share(), `file:${place}`));
        assert.match(message, /what the import ID names is not a regular file$/);
      }
    });

    it("refuses a token as the ID without repeating it", async () => {
      const failure = await failureOf(read(await fixture.share(), "a-fake-token"));
      assert.match(failure.message, /env:NAME or file:PATH/);
      assert.ok(!failure.message.includes("a-fake-token"));
    });
  });

  it("refuses to get a token by its ID, even if that ID could be imported, and says what to do instead", async () => {
    const provider = await fixture.start({ CI_TOKEN: "a-fake-token" });
    for (const id of ["ci-1", "env:CI_TOKEN"]) {
      const request = new messages.ReadRequest().setId(id).setUrn(provider.urn("ci")).setInputs(toStruct({}));
      const { message } = await failureOf(call((done) => provider.host.client.read(request, done)));
      assert.match(message, /^ServiceAccountToken "ci" was not read: .* StackReference.* existingToken/);
      assert.doesNotMatch(message, /import|env:/);
    }
  });

  it("leaves only the number of its lines in a resource's status, which the engine repeats with each step", async () => {
    const provider = await fixture.share();
    const due = { ...(await provider.create("ci")), outs: { expiresAt: "2000-01-01T00:00:00Z", clientId: "a-client" } };
    await provider.diff(due, { clientId: "a-client", renewBefore: "10m" });
    await provider.delete(due);
    await provider.check("ci", {});
    assert.equal(fixture.logged.length, 2);
    const statuses = fixture.statuses.map(({ message, urn }) => [message, urn]);
    assert.deepEqual(
      statuses,
      ["1 message", "2 messages"].map((message) => [message, provider.urn("ci")]),
    );
  });

  it("does not respond before the engine has received its lines, which it would not show later", async () => {
    const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "soon" });
    const token = await provider.create("elsewhere", { existingToken: "a-fake-token" });
    // Longer than a response takes.
    fixture.beforeLine = () => new Promise((resolve) => setTimeout(resolve, 100));
    await provider.diff(withState(token, { incomplete: true }), token.inputs);
    assert.match(fixture.logged.at(-1)?.message ?? "", /cannot be used/);
    fixture.atlas.failNext("issue", 403);
    await failureOf(provider.create("ci"));
    assert.match(fixture.logged.at(-1)?.message ?? "", /RETRY_TIMEOUT is not a valid duration .* using the default/);
  });

  it("goes on logging to the engine after a handshake or an attachment without an address", async () => {
    const provider = await fixture.start();
    const { host } = provider;
    await call((done) => host.client.handshake(new messages.ProviderHandshakeRequest(), done));
    await call((done) => host.client.attach(new PluginAttach(), done));
    const unusable = { accessToken: "a-fake-token", incomplete: true };
    await host.diff("ci-1", unusable, {}, { urn: provider.urn("ci") });
    assert.match(fixture.logged.at(-1)?.message ?? "", /ci-1 was issued but cannot be used/);
  });

  it("retries for no longer than customTimeouts allow", async () => {
    const provider = await fixture.share();
    fixture.atlas.failNext("issue", 503, { retryAfter: 100 });
    const notIssued = await failureOf(provider.create("ci", {}, { timeout: 20 }));
    const token = await provider.create("ci");
    fixture.atlas.failNext("revoke", 503, { retryAfter: 100 });
    const notRevoked = await failureOf(provider.delete(token, { timeout: 20 }));
    for (const { message } of [notIssued, notRevoked])
      assert.match(message, /service_unavailable \(503\)[^]*Attempts: 1 in /);
  });

  it("takes a negative customTimeout for none, since it must not keep a token from being revoked", async () => {
    const provider = await fixture.share();
    await provider.delete(await provider.create("ci", {}, { timeout: -1 }), { timeout: -1 });
    assert.deepEqual([fixture.requests, fixture.active], [["issue 200", "revoke 200"], 0]);
  });

  it("ends an attempt to revoke that takes longer than customTimeouts allow", async () => {
    const provider = await fixture.share();
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const token = await provider.create("ci", { existingToken: "a-fake-token", baseUrl });
    const { message } = await failureOf(provider.delete(token, { timeout: 1 }));
    silent.closeAllConnections();
    silent.close();
    assert.match(message, /no_response: [^]*Attempts: 1 in \d\.\d s/);
  });

  describe("after the first Ctrl-C", () => {
    const cancel = ({ host }: Provider) => call<Empty>((done) => host.client.cancel(new Empty(), done));

    for (const [how, end] of [
      ["a call of Cancel", cancel],
      ["SIGINT", ({ host }: Provider) => process.kill(host.pid, "SIGINT")],
    ] as const) {
      it(`ends the waits for a retry at once, with the reason: ${how}`, async () => {
        const provider = await fixture.start();
        const token = await provider.create("ci");
        fixture.atlas.failNext("revoke", 503, { retryAfter: 100 });
        const failure = failureOf(provider.delete(token));
        await until("the engine to receive a line", () => fixture.logged.length > 0);
        await end(provider);
        assert.match((await failure).message, new RegExp(`${token.id} was not revoked: aborted`));
        assert.equal(fixture.active, 1);
      });
    }

    it("lets a request in flight finish", async () => {
      const provider = await fixture.start();
      const inputs = await provider.inputs("ci");
      fixture.after = ({ endpoint }) => (endpoint === "issue" ? cancel(provider).then(() => undefined) : undefined);
      const { outs } = await provider.host.create(inputs, { urn: provider.urn("ci") });
      assert.ok(fixture.atlas.isActive(String(reveal(outs)["accessToken"])));
    });
  });

  describe("when the engine is gone", () => {
    /** Ends a create after Atlas has issued the token and before the provider has its response. */
    async function abandon(end?: (provider: Provider) => void): Promise<Provider> {
      const provider = await fixture.start();
      const { host } = provider;
      const request = new messages.CreateRequest().setUrn(provider.urn("ci"));
      request.setProperties(toStruct(await provider.inputs("ci")));
      let running: ClientUnaryCall | undefined;
      fixture.after = async ({ endpoint }) => {
        if (endpoint !== "issue") return;
        running?.cancel();
        end?.(provider);
        // The provider has seen the end of the call once it has responded to another one on the same connection.
        await call((done) => host.client.getPluginInfo(new Empty(), done)).catch(() => undefined);
      };
      const created = call((done) => (running = host.client.create(request, done)));
      assert.equal((await failureOf(created)).code, status.CANCELLED);
      await until("the token to be revoked", () => fixture.requests.length > 1 && fixture.active === 0);
      return provider;
    }

    it("revokes the token that nobody received, and retries that", async () => {
      fixture.atlas.failNext("revoke", 503, { retryAfter: 1 });
      await abandon();
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 503", "revoke 200"]);
    });

    it("revokes the token that nobody received before it exits", async () => {
      const provider = await abandon(({ host }) => process.kill(host.pid, "SIGINT"));
      assert.deepEqual(await provider.host.exited, { code: 0, signal: null });
      assert.deepEqual([fixture.requests, fixture.active], [["issue 200", "revoke 200"], 0]);
    });

    it("revokes the token if its call ends just when Atlas responds", async () => {
      const provider = await fixture.start();
      const request = new messages.CreateRequest().setUrn(provider.urn("ci"));
      request.setProperties(toStruct(await provider.inputs("ci")));
      let running: ClientUnaryCall | undefined;
      fixture.after = ({ endpoint }) => (endpoint === "issue" ? running?.cancel() : undefined);
      await failureOf(call((done) => (running = provider.host.client.create(request, done))));
      await until("the token to be revoked", () => fixture.active === 0);
    });

    for (const [moment, answers] of [
      ["before", [false]],
      ["just after", [true, false]],
    ] as const) {
      it(`revokes the token once if the engine is gone ${moment} the response is sent`, async () => {
        const provider = await fixture.start();
        const remaining = [...answers];
        fixture.whenAsked = () => remaining.shift() ?? false;
        await provider.create("ci").catch(() => undefined);
        await until("the token to be revoked", () => fixture.active === 0);
        await provider.host.close();
        assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
      });
    }

    it("finishes a call that still has somebody to receive it before it exits", async () => {
      const provider = await fixture.start();
      fixture.after = () => void process.kill(provider.host.pid, "SIGINT");
      await provider.create("ci");
      assert.deepEqual(await provider.host.exited, { code: 0, signal: null });
      assert.equal(fixture.active, 1);
    });
  });

  describe("the provider's configuration", () => {
    async function checkConfig(provider: Provider, news: Properties) {
      const request = new messages.CheckRequest().setOlds(toStruct({})).setNews(toStruct(news));
      const response = await call<messages.CheckResponse>((done) => provider.host.client.checkConfig(request, done));
      const failures = response.getFailuresList().map((failure) => failure.toObject());
      return { inputs: response.getInputs()?.toJavaScript(), failures };
    }

    for (const [title, config, expected] of [
      ["an empty client ID, which counts as none", { clientId: "" }, undefined],
      ["the version that the engine adds", { version: "0.1.0" }, undefined],
      ["secrets", { clientId: "a-client", clientSecret: secret("a-fake-secret") }, undefined],
      ["a client ID that is a client secret", { clientId: "mdb_sa_sk_planted" }, "clientId must be a client ID"],
      ["a client secret that is a client ID", { clientSecret: secret("mdb_sa_id_planted") }, "clientSecret must be"],
      ["a base URL with credentials", { baseUrl: "https://a:planted@example.com" }, "baseUrl must not contain"],
      ["a choice that is neither true nor false", { isMongodbgovCloud: "planted" }, "isMongodbgovCloud must be true"],
      ["a name with a typing mistake", { clientSecrt: "planted" }, "clientSecrt"],
    ] as const) {
      it(`${expected === undefined ? "accepts" : "refuses"} ${title}`, async () => {
        const { inputs, failures } = await checkConfig(await fixture.share(), config);
        assert.deepEqual(inputs, config);
        assert.equal(failures.length, expected === undefined ? 0 : 1);
        assert.ok(JSON.stringify(failures).includes(expected ?? ""), JSON.stringify(failures));
        assert.ok(!JSON.stringify(failures).includes("planted"));
      });
    }

    it("changes without replacing the provider, and a new secret changes no token", async () => {
      const { host } = await fixture.share();
      const diff = async (olds: Properties, news: Properties) => {
        const request = new messages.DiffRequest().setOlds(toStruct(olds)).setNews(toStruct(news));
        const response = await call<messages.DiffResponse>((done) => host.client.diffConfig(request, done));
        return { diffs: [...response.getDetaileddiffMap().keys()], replaces: response.getReplacesList() };
      };
      const olds = { clientId: "a", clientSecret: secret("old") };
      assert.deepEqual(await diff(olds, { clientId: "a", clientSecret: "old" }), { diffs: [], replaces: [] });
      const { diffs, replaces } = await diff(olds, { clientSecret: secret("new"), baseUrl: "x" });
      assert.deepEqual([diffs, replaces], [["baseUrl", "clientId", "clientSecret"], []]);

      const config = { clientId: defaultClientId, clientSecret: secret("old") };
      const inputs = await (await fixture.start({}, config)).inputs("ci");
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const token = { name: "ci", id: "ci-1", inputs, outs: { ...inputs, expiresAt } };
      const rotated = await fixture.start({}, { ...config, clientSecret: secret("new") });
      assert.equal((await rotated.diff(token, await rotated.inputs("ci"))).changes, false);
    });
  });

  describe("a request that makes no sense", () => {
    const malformed = new Struct();
    malformed.getFieldsMap().set("clientId", new Value());
    const urn = (type: string) => `urn:pulumi:stack::project::atlas-token:index:${type}::ci`;
    const check = new messages.CheckRequest().setUrn(urn("ServiceAccountToken")).setNews(malformed);
    const create = new messages.CreateRequest().setUrn(urn("Other"));
    const withoutProperties = new messages.DeleteRequest().setUrn(urn("ServiceAccountToken")).setId("ci-1");
    const { INVALID_ARGUMENT, UNIMPLEMENTED, UNKNOWN: FAILED } = status;

    for (const [title, method, request, code, message] of [
      ["an unknown method", "call", new messages.CallRequest(), UNIMPLEMENTED, /call/i],
      ["an unknown function", "invoke", new messages.InvokeRequest(), INVALID_ARGUMENT, /unknown function ""/],
      ["an unknown type", "create", create, INVALID_ARGUMENT, /unknown resource type "atlas-token:index:Other"/],
      ["no URN", "delete", new messages.DeleteRequest(), INVALID_ARGUMENT, /unknown resource type ""/],
      ["a malformed struct", "check", check, INVALID_ARGUMENT, /malformed/],
      ["no properties", "delete", withoutProperties, FAILED, /ci-1/],
    ] as const) {
      it(`gets a clear error, and the process lives: ${title}`, async () => {
        const { host } = await fixture.share();
        const client = host.client as unknown as Record<string, (request: unknown, done: unknown) => void>;
        const failure = await failureOf(call((done) => client[method]!(request, done)));
        assert.equal(failure.code, code);
        assert.match(failure.message, message);
        assert.doesNotMatch(failure.message, /\n\s+at /);
        const info = await call<PluginInfo>((done) => host.client.getPluginInfo(new Empty(), done));
        assert.match(info.getVersion(), /^\d+\.\d+\.\d+/);
      });
    }

    it("refuses the name as an argument, which only the dynamic provider has", async () => {
      const { failures } = await (await fixture.share()).check("ci", { name: "ci" });
      assert.deepEqual(failures, [{ property: "name", reason: "unknown argument name" }]);
    });
  });
});
