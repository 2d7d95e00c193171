import assert from "node:assert/strict";

import type { LogEntry } from "../../examples/local-atlas";
import { failureOf, HostFixture } from "./support/host-fixture";

describe("a token that Atlas has issued", function () {
  this.timeout(30_000);

  let after: (entry: LogEntry) => void = () => undefined;
  const fixture = new HostFixture(() => ({ after: (entry) => after(entry) }));
  afterEach(() => (after = () => undefined));

  const mac = { access_token: "a-token-of-another-kind", token_type: "mac", expires_in: 3600 };

  it("is not asked for again where its answer was lost, and the message says that it may live for an hour", async () => {
    after = () => {
      throw new Error("the answer is lost");
    };
    const host = await fixture.start();
    const failure = await failureOf(fixture.create(host, "ci"));
    assert.match(failure?.message ?? "", /^ServiceAccountToken "ci": no token was issued: no_response/);
    assert.match(failure?.message ?? "", /may have been issued that nobody holds.* within an hour/);
    assert.equal(failure?.initialization, undefined);
    assert.equal(fixture.atlas.log().length, 1);
  });

  it("is revoked at once where it is no Bearer token, and nothing is stored", async () => {
    fixture.atlas.failNext("issue", 200, { body: mac });
    const host = await fixture.start();
    const failure = await failureOf(fixture.create(host, "ci"));
    assert.match(
      failure?.message ?? "",
      /unexpected_response \(200\)[^]*token_type is mac, not Bearer; it was revoked/,
    );
    assert.equal(failure?.initialization, undefined);
    assert.deepEqual(
      fixture.atlas.log().map(({ endpoint }) => endpoint),
      ["issue", "revoke"],
    );
  });

  it("is revoked also where its type is made to exhaust the redaction", async () => {
    const accessToken = "<***>>>>";
    const type = "<".repeat(12_500) + accessToken + ">>>>".repeat(12_500);
    fixture.atlas.failNext("issue", 200, { body: { access_token: accessToken, token_type: type, expires_in: 3600 } });
    const host = await fixture.start();
    const failure = await failureOf(fixture.create(host, "ci"));
    assert.match(failure?.message ?? "", /unexpected_response \(200\)[^]*not Bearer; it was revoked/);
    assert.deepEqual(
      fixture.atlas.log().map(({ endpoint }) => endpoint),
      ["issue", "revoke"],
    );
  });

  it("is stored as incomplete where it is no Bearer token and cannot be revoked, and is replaced, also after a refresh", async () => {
    fixture.atlas.failNext("issue", 200, { body: mac });
    fixture.atlas.failNext("revoke", 403);
    const host = await fixture.start();
    const inputs = await fixture.inputs(host, "ci");
    const failure = await failureOf(host.create(inputs));
    const stored = failure?.initialization;
    assert.ok(stored, failure?.message);
    assert.match(stored.reasons[0] ?? "", /was issued but cannot be used[^]*kept in the state[^]*pulumi up/);
    assert.equal(stored.properties["incomplete"], true);
    assert.equal(stored.properties["accessToken"], mac.access_token);

    const replaced = { changes: true, replaces: ["accessToken"], deleteBeforeReplace: false };
    const news = { ...inputs };
    assert.deepEqual(await host.diff(stored.id, stored.properties, news), replaced);
    // The update that Pulumi runs for a failed initialization must not make it look complete.
    const { outs } = await host.update(stored.id, stored.properties, news);
    assert.equal(outs["incomplete"], true);
    // The first comparison after a read is the refresh's own.
    const read = await host.read(stored.id, outs);
    assert.deepEqual(await host.diff(read.id, read.props, news), { ...replaced, changes: false, replaces: [] });
    assert.deepEqual(await host.diff(read.id, read.props, news), replaced);

    await host.delete(stored.id, read.props);
    const last = fixture.atlas.log().at(-1);
    assert.deepEqual([last?.endpoint, last?.status], ["revoke", 200]);
  });

  for (const [description, body] of [
    ["without a token", { token_type: "Bearer", expires_in: 3600 }],
    ["with an empty token", { access_token: "", token_type: "Bearer" }],
    ["with a token that is no text", { access_token: 17, token_type: "Bearer" }],
    ["that is no JSON", "<html>"],
  ] as const) {
    it(`is not stored from an answer ${description}, and the message warns of it`, async () => {
      fixture.atlas.failNext("issue", 200, { body });
      const host = await fixture.start();
      const failure = await failureOf(fixture.create(host, "ci"));
      assert.match(failure?.message ?? "", /unexpected_response \(200\)[^]*may have been issued that nobody holds/);
      assert.equal(failure?.initialization, undefined);
      assert.equal(fixture.atlas.log().length, 1);
    });
  }
});
