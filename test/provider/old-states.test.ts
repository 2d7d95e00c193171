import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Properties } from "../support/values";
import { Fixture, FORMS, withState, type Token } from "./support/fixture";

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
    const fixture = new Fixture(form, { clients: { "a-client": "a-fake-secret" } });
    const credentials = { MONGODB_ATLAS_CLIENT_ID: "a-client", MONGODB_ATLAS_CLIENT_SECRET: "a-fake-secret" };

    for (const { writtenBy, provider: text, resources } of states) {
      for (const [title, { id, inputs, outputs }] of Object.entries(resources)) {
        it(`of ${writtenBy} is read, compared, updated and revoked: ${title}`, async () => {
          const provider = await fixture.share(credentials);
          const { name, ...args } = inputs;
          const later = { expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
          const outs = { ...outputs, ...("expiresAt" in outputs ? later : {}), __provider: text };
          const token: Token = { name: String(name), id, inputs: args, outs };
          // The comparison after a read leaves time out, and so does not replace what is unusable either.
          await provider.read(token);
          assert.equal((await provider.diff(token, args)).changes, false);
          const replaces = outputs["incomplete"] === true ? ["accessToken"] : [];
          assert.deepEqual((await provider.diff(token, args)).replaces, replaces);

          const { name: _name, __provider, ...kept } = { ...outs, renewBefore: "5m" } as Properties;
          assert.deepEqual(await provider.update(token, { ...args, renewBefore: "5m" }), kept);
          assert.deepEqual(fixture.requests, []);

          await provider.delete(withState(token, { baseUrl: fixture.atlas.url }));
          assert.deepEqual(fixture.requests, ["revoke 200"]);
        });
      }
    }
  });
}
