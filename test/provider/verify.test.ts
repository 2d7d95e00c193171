import * as messages from "@pulumi/pulumi/proto/provider_pb";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { auditEventSchema } from "../../provider/runtime/audit-log";
import { call, toStruct } from "../support/provider-host";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { Fixture, FORMS, withState, type Provider, type Token } from "./support/fixture";

const HTML = { body: "<!doctype html><p>Sign in</p>", headers: { "content-type": "text/html" } };

for (const form of FORMS) {
  describe(`a refresh of the ${form} provider with verify`, function () {
    this.timeout(60_000);
    const fixture = new Fixture(form);

    /** Refreshes as the engine does: it compares right after it has read, and once more if an update follows. */
    async function refresh(
      provider: Provider,
      token: Token,
    ): Promise<{ readonly token: Token; replaces: (readonly string[])[] }> {
      const read = { ...token, outs: await provider.read(token) };
      const replaces: (readonly string[])[] = [];
      for (let run = 0; run < 2; run++) replaces.push((await provider.diff(read, token.inputs)).replaces);
      return { token: read, replaces };
    }

    it("changes nothing for an active token, and asks only if the program wants it and the token is of an earlier run", async () => {
      const provider = await fixture.share();
      const [token, silent] = [await provider.create("ci", { verify: true }), await provider.create("silent")];
      for (const each of [token, silent]) assert.deepEqual((await refresh(provider, each)).token, each);
      assert.deepEqual(fixture.requests, ["issue 200", "issue 200"]);

      const nextRun = await fixture.start();
      for (const each of [token, silent]) assert.deepEqual((await refresh(nextRun, each)).token, each);
      assert.deepEqual(fixture.requests.slice(2), ["status 200"]);
    });

    it("replaces a token that was revoked elsewhere, says and records why, and still revokes it", async () => {
      const folder = await makeTempDir();
      try {
        const file = join(folder, "audit.jsonl");
        const elsewhere = await fixture.share();
        const token = await elsewhere.create("ci", { verify: true, renewBefore: "never" });
        await elsewhere.delete(token);

        const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_AUDIT_LOG: file });
        const { token: read, replaces } = await refresh(provider, token);
        assert.deepEqual(replaces, [["accessToken"], ["accessToken"]]);
        const again = await refresh(provider, read);
        assert.deepEqual(again, { token: read, replaces }, "the state has it, so that a later run knows");
        await provider.delete(read);
        assert.deepEqual(fixture.requests.slice(2), ["status 401", "status 401", "revoke 200"]);

        assert.match(await provider.shown(), /ci-[0-9a-f]{8} was revoked outside Pulumi; it will be replaced/);
        const lines = readFileSync(file, "utf8").trim().split("\n");
        const events = lines.map((line) => auditEventSchema.parse(JSON.parse(line)));
        const recorded = events.map(({ event, status, attempts }) => [event, status, attempts]);
        assert.deepEqual(recorded, [
          ["found_revoked", 401, 1],
          ["revoked", 200, 1],
        ]);
      } finally {
        await removeTempDir(folder);
      }
    });

    it("takes back that a token was revoked once Atlas accepts it again", async () => {
      const token = await (await fixture.share()).create("ci", { verify: true });
      const provider = await fixture.start();
      fixture.atlas.failNext("status", 401);
      const { token: read } = await refresh(provider, token);
      assert.deepEqual(await refresh(provider, read), { token, replaces: [[], []] });
    });

    it("says of an adopted token that was revoked elsewhere that it needs another one", async () => {
      const elsewhere = await fixture.share();
      const issued = await elsewhere.create("elsewhere");
      const token = await elsewhere.create("ci", { existingToken: issued.outs["accessToken"], verify: true });
      await (await fixture.start()).delete(issued);
      const provider = await fixture.start();
      assert.deepEqual((await refresh(provider, token)).replaces, [[], []]);
      assert.match(await provider.shown(), /was revoked outside Pulumi; adopted tokens are not renewed/);
    });

    for (const { title, status, options = {}, says } of [
      { title: "a 403", status: 403, says: /returned 403, no verdict on the token: an IP access list may refuse/ },
      { title: "a 429", status: 429, says: /returned 429/ },
      { title: "a 500", status: 500, says: /returned 500/ },
      { title: "a web page with 401", status: 401, options: HTML, says: /returned 401, a web page/ },
      { title: "a web page with 200", status: 200, options: HTML, says: /returned 200, a web page/ },
      {
        title: "plain text with 200",
        status: 200,
        options: { body: "Sign in", headers: {} },
        says: /returned 200, no/,
      },
      {
        title: "an error with 200",
        status: 200,
        options: { body: { error: 401 }, headers: {} },
        says: /returned 200, no/,
      },
      { title: "a 401 without Atlas's mark", status: 401, options: { body: null, headers: {} }, says: /returned 401/ },
      { title: "a redirect", status: 302, options: { headers: { location: "/login" } }, says: /returned 302/ },
    ]) {
      it(`changes nothing on ${title}, and says so once for all tokens`, async () => {
        const elsewhere = await fixture.share();
        const tokens = [await elsewhere.create("a", { verify: true }), await elsewhere.create("b", { verify: true })];
        const provider = await fixture.start();
        fixture.atlas.failNext("status", status, { times: 2, ...options });
        for (const token of tokens) assert.deepEqual(await refresh(provider, token), { token, replaces: [[], []] });
        const lines = (await provider.shown()).split("\n").filter((line) => line.includes("revoked outside Pulumi"));
        assert.equal(lines.length, 1, lines.join("\n"));
        assert.match(lines[0]!, says);
        assert.ok(!tokens.some(({ outs }) => lines[0]!.includes(String(outs["accessToken"]))));
        await fetch(`${fixture.atlas.url}/succeed`, { method: "POST" });
      });
    }

    it("changes nothing if Atlas does not respond within ten seconds, and does not ask it again in this run", async () => {
      const elsewhere = await fixture.share();
      const token = await elsewhere.create("ci", { verify: true });
      const provider = await fixture.start();
      fixture.before = ({ endpoint }) => (endpoint === "status" ? new Promise(() => undefined) : undefined);
      for (let run = 0; run < 2; run++) {
        assert.deepEqual(await refresh(provider, token), { token, replaces: [[], []] });
      }
      assert.deepEqual(fixture.requests.slice(1), ["status none"]);
      fixture.before = undefined;
      await provider.delete(token);
    });

    it("does not take a token that has expired for one that was revoked, on either clock", async () => {
      const token = await (await fixture.share()).create("ci", { verify: true });
      const provider = await fixture.start();
      const expired = withState(token, { expiresAt: new Date(Date.now() - 60_000).toISOString() });
      assert.deepEqual((await refresh(provider, expired)).replaces, [[], ["expiresAt"]]);
      fixture.skew = 2 * 3_600_000;
      assert.deepEqual((await refresh(provider, token)).replaces, [[], []]);
      assert.deepEqual(fixture.requests.slice(1), ["status 401"]);
    });

    if (form !== "packaged") return;

    it("is what every operation begins with: create, read and update ask the engine for it", async () => {
      const provider = await fixture.share();
      const { host } = provider;
      const urn = provider.urn("ci");
      for (const verify of [true, false]) {
        const properties = toStruct(await provider.inputs("ci", { verify }));
        const create = new messages.CreateRequest().setUrn(urn).setProperties(properties);
        const created = await call<messages.CreateResponse>((done) => host.client.create(create, done));
        const read = new messages.ReadRequest().setUrn(urn).setId("ci").setProperties(created.getProperties());
        const update = new messages.UpdateRequest().setUrn(urn).setOlds(created.getProperties()).setNews(properties);
        const responses = [
          created,
          await call<messages.ReadResponse>((done) => host.client.read(read, done)),
          await call<messages.UpdateResponse>((done) => host.client.update(update, done)),
        ];
        assert.deepEqual(
          responses.map((response) => response.getRefreshBeforeUpdate()),
          [verify, verify, verify],
        );
      }
    });
  });
}
