import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Properties } from "../support/values";
import { failureOf, HostFixture } from "./support/host-fixture";

interface OldState {
  readonly writtenBy: string;
  readonly provider: string;
  readonly resources: Readonly<Record<string, { id: string; inputs: Properties; outputs: Properties }>>;
}

const folder = join(__dirname, "fixtures");
const states = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as OldState);

describe("a state that an earlier version wrote", function () {
  this.timeout(30_000);
  const fixture = new HostFixture(() => ({ clients: { "a-client": "a-fake-secret" } }));
  const credentials = { MONGODB_ATLAS_CLIENT_ID: "a-client", MONGODB_ATLAS_CLIENT_SECRET: "a-fake-secret" };

  for (const { writtenBy, provider, resources } of states) {
    for (const [description, { id, inputs, outputs }] of Object.entries(resources)) {
      // Not due, whatever the day is: the comparison that follows a read leaves time out.
      it(`of ${writtenBy} shows no change: ${description}`, async () => {
        const host = await fixture.start(credentials);
        const props = { ...outputs, __provider: provider };
        const read = await host.read(id, props);
        assert.deepEqual(read.props, props);
        assert.deepEqual(await host.diff(id, props, { ...inputs, __provider: provider }), {
          changes: false,
          replaces: [],
          deleteBeforeReplace: false,
        });
      });

      const incomplete = outputs["incomplete"] === true;
      it(`of ${writtenBy} is replaced only once it is due or of no use: ${description}`, async () => {
        const host = await fixture.start(credentials);
        const later = "expiresAt" in outputs ? { expiresAt: new Date(Date.now() + 3600_000).toISOString() } : {};
        const { replaces } = await host.diff(
          id,
          { ...outputs, ...later, __provider: provider },
          { ...inputs, __provider: provider },
        );
        assert.deepEqual(replaces, incomplete ? ["accessToken"] : []);
      });

      it(`of ${writtenBy} is updated in place, and keeps its token: ${description}`, async () => {
        const host = await fixture.start(credentials);
        const news = { ...inputs, renewBefore: "5m", __provider: provider };
        const { outs } = await host.update(id, { ...outputs, __provider: provider }, news);
        assert.deepEqual(outs, { ...outputs, renewBefore: "5m", __provider: provider });
        assert.deepEqual(fixture.atlas.log(), []);
      });

      it(`of ${writtenBy} is revoked: ${description}`, async () => {
        const host = await fixture.start(credentials);
        const later = new Date(Date.now() + 3600_000).toISOString();
        const times = "expiresAt" in outputs ? { expiresAt: later } : {};
        await host.delete(id, { ...outputs, ...times, baseUrl: fixture.atlas.url, __provider: provider });
        assert.deepEqual(
          fixture.atlas.log().map(({ endpoint, status }) => [endpoint, status]),
          [["revoke", 200]],
        );
      });
    }
  }
});

describe("a state that someone has edited into nonsense", function () {
  this.timeout(30_000);
  const fixture = new HostFixture();
  const nonsense: readonly unknown[] = [null, 17, "", "nonsense", true, [], {}, { deep: [null] }];
  const keys = ["accessToken", "tokenType", "issuedAt", "expiresAt", "clientId", "clientSecret", "baseUrl"];
  const more = ["renewBefore", "keepers", "existingToken", "incomplete", "name"];

  it("gets a clear answer from diff, update and delete, and never blocks the destroy of an expired token", async () => {
    const host = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "10ms" });
    const { id, outs } = await fixture.create(host, "ci");
    const news = await fixture.inputs(host, "ci");
    for (const key of [...keys, ...more]) {
      for (const value of nonsense) {
        const edited = { ...outs, [key]: value };
        const about = `${key}: ${JSON.stringify(value)}`;
        assert.equal(typeof (await host.diff(id, edited, news)).changes, "boolean", about);
        assert.equal((await host.update(id, edited, news)).outs["clientId"], news["clientId"], about);
        const failure = await failureOf(host.delete(id, edited));
        if (failure !== undefined)
          assert.match(failure.message, new RegExp(`^ServiceAccountToken ${id} was not revoked: `), about);
        if (key !== "expiresAt") {
          await host.delete(id, { ...edited, expiresAt: "2026-01-01T00:00:00Z" });
        }
      }
    }
    await host.close();
    assert.doesNotMatch(host.stderr, /TypeError|\n\s+at /);
  });
});
