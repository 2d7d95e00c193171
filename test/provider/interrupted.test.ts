import assert from "node:assert/strict";

import type { LogEntry } from "../../examples/local-atlas";
import { Fixture, FORMS, type Provider, type Token } from "./support/fixture";

const TOKENS = 20;

for (const form of FORMS) {
  describe(`a destroy of ${TOKENS} tokens whose ${form} provider is killed`, function () {
    this.timeout(60_000);
    let onRevoke: (moment: "before" | "after") => void | Promise<void> = () => undefined;
    const watch = (moment: "before" | "after") => (entry: LogEntry) =>
      entry.endpoint === "revoke" ? onRevoke(moment) : undefined;
    const fixture = new Fixture(form, () => ({
      requestsPerWindow: 0,
      before: watch("before"),
      after: watch("after"),
    }));
    afterEach(() => (onRevoke = () => undefined));

    /** What the engine does: eight at a time, and what is not known to be deleted stays in the state. */
    async function destroy(provider: Provider, state: readonly Token[]): Promise<Token[]> {
      const queue = [...state];
      const left: Token[] = [];
      const work = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const token = next;
          await provider.delete(token).catch(() => left.push(token));
        }
      };
      await Promise.all(Array.from({ length: 8 }, work));
      return left;
    }

    for (const moment of ["before", "after"] as const) {
      for (const nth of [1, 9, TOKENS]) {
        it(`has revoked every token after the next destroy, killed ${moment} Atlas processed revoke ${nth}`, async () => {
          const first = await fixture.start();
          const names = Array.from({ length: TOKENS }, (_, index) => `token-${index}`);
          const state = await Promise.all(names.map((name) => first.create(name)));
          let seen = 0;
          onRevoke = async (when) => {
            if (when === moment && ++seen === nth) await first.host.kill();
          };
          const left = await destroy(first, state);
          assert.ok(left.length > 0);

          onRevoke = () => undefined;
          assert.deepEqual(await destroy(await fixture.start(), left), []);
          assert.equal(fixture.active, 0);
          const revokes = fixture.atlas.log().filter((entry) => entry.endpoint === "revoke" && entry.status !== null);
          for (const { jti } of fixture.atlas.tokens()) {
            const redundant = revokes.filter(({ token }) => token?.name === jti && !token.active).length;
            assert.ok(redundant <= 1, `${jti} was revoked ${redundant} times too often`);
          }
        });
      }
    }
  });
}
