import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Fixture, FORMS, type Properties, type Token } from "./support/fixture";

interface OldState {
  readonly writtenBy: string;
  /** The provider's text, as every resource of the dynamic form holds it. */
  readonly provider: string;
  readonly resources: Readonly<Record<string, { id: string; inputs: Properties; outputs: Properties }>>;
}

const folder = join(__dirname, "fixtures");
const states = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as OldState);

for (const form of FORMS) {
  describe(`a state of an earlier version, in the ${form} form`, function () {
    this.timeout(30_000);
    const fixture = new Fixture(form, () => ({ clients: { "a-client": "a-fake-secret" } }));
    const credentials = { MONGODB_ATLAS_CLIENT_ID: "a-client", MONGODB_ATLAS_CLIENT_SECRET: "a-fake-secret" };

    for (const { writtenBy, provider: text, resources } of states) {
      for (const [title, { id, inputs, outputs }] of Object.entries(resources)) {
        it(`of ${writtenBy} is read, compared, updated and revoked: ${title}`, async () => {
          const provider = await fixture.start(credentials);
          const { name, ...args } = inputs;
          const later = { expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
          const outs = { ...outputs, ...("expiresAt" in outputs ? later : {}), __provider: text };
          const token: Token = { name: String(name), id, inputs: args, outs };
          // The comparison after a read leaves time out, and so does not replace what is unusable either.
          await provider.read(token);
          assert.equal((await provider.diff(token, args)).changes, false);
          assert.deepEqual(
            (await provider.diff(token, args)).replaces,
            outputs["incomplete"] === true ? ["accessToken"] : [],
          );

          const { name: _name, __provider, ...kept } = { ...outs, renewBefore: "5m" } as Properties;
          assert.deepEqual(await provider.update(token, { ...args, renewBefore: "5m" }), kept);
          assert.deepEqual(fixture.requests, []);

          await provider.delete({ ...token, outs: { ...outs, baseUrl: fixture.atlas.url } });
          assert.deepEqual(fixture.requests, ["revoke 200"]);
        });
      }
    }
  });

  describe(`a state edited into nonsense, in the ${form} form`, function () {
    this.timeout(60_000);
    const fixture = new Fixture(form);
    const nonsense: readonly unknown[] = [null, 17, "", "nonsense", [], { deep: [null] }];
    const keys = ["accessToken", "issuedAt", "expiresAt", "clientId", "clientSecret", "baseUrl", "renewBefore"];

    it("gets clear responses, and never blocks the destroy of an expired token", async () => {
      const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT: "10ms" });
      const token = await provider.create("ci");
      for (const key of [...keys, "keepers", "existingToken", "incomplete"]) {
        for (const value of nonsense) {
          const edited = { ...token, outs: { ...token.outs, [key]: value } };
          const title = `${key}: ${JSON.stringify(value)}`;
          assert.equal(typeof (await provider.diff(edited, token.inputs)).changes, "boolean", title);
          assert.equal((await provider.update(edited, token.inputs))["clientId"], token.inputs["clientId"], title);
          await provider.delete(edited).catch((error: unknown) => {
            assert.match(
              (error as Error).message,
              new RegExp(`^ServiceAccountToken ${token.id} was not revoked: `),
              title,
            );
          });
          if (key === "expiresAt") continue;
          await provider.delete({ ...edited, outs: { ...edited.outs, expiresAt: "2020-01-01T00:00:00Z" } });
        }
      }
      assert.doesNotMatch(await provider.shown(), /TypeError|\n\s+at /);
    });
  });
}
