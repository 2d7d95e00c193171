import assert from "node:assert/strict";

import { inParallel } from "../support/in-parallel";
import { Fixture, FORMS, type Provider, type Token } from "./support/fixture";

const TOKENS = 20;

/** Deletes tokens, of which those that are not known to be deleted stay in the state, as with the engine. */
async function destroy(provider: Provider, state: readonly Token[]): Promise<Token[]> {
  const left: Token[] = [];
  await inParallel(state, (token) => provider.delete(token).catch(() => void left.push(token)));
  return left;
}

for (const form of FORMS) {
  describe(`the destroy of ${TOKENS} tokens after the ${form} provider was killed in the middle of another`, function () {
    this.timeout(60_000);
    const fixture = new Fixture(form);

    for (const [moment, nth] of [
      ["before", 9],
      ["after", TOKENS],
    ] as const) {
      it(`revokes every token that is left, if Atlas had revoked ${moment === "before" ? nth - 1 : nth}`, async () => {
        const first = await fixture.start();
        const names = Array.from({ length: TOKENS }, (_, index) => `token-${index}`);
        const state = await Promise.all(names.map((name) => first.create(name)));
        let revokes = 0;
        fixture[moment] = async ({ endpoint }) => {
          if (endpoint === "revoke" && ++revokes === nth) await first.host.kill();
        };
        const left = await destroy(first, state);
        assert.ok(left.length > 0);

        fixture[moment] = undefined;
        assert.deepEqual(await destroy(await fixture.share(), left), []);
        assert.equal(fixture.active, 0);
        const revoked = fixture.atlas.log().filter(({ endpoint, status }) => endpoint === "revoke" && status !== null);
        for (const { jti } of fixture.atlas.tokens()) {
          const redundant = revoked.filter(({ token }) => token?.name === jti && !token.active).length;
          assert.ok(redundant <= 1, `${jti} was revoked ${redundant} times too often`);
        }
      });
    }
  });
}
