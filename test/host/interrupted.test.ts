import assert from "node:assert/strict";

import type { LogEntry } from "../../examples/local-atlas";
import type { ProviderHost } from "../support/provider-host";
import { failureOf, HostFixture, type Created } from "./support/host-fixture";

const TOKENS = 20;

describe("a destroy of 20 tokens whose provider host is killed", function () {
  this.timeout(60_000);

  let onRevoke: (moment: "before" | "after", entry: LogEntry) => void | Promise<void> = () => undefined;
  const watch = (moment: "before" | "after") => (entry: LogEntry) =>
    entry.endpoint === "revoke" ? onRevoke(moment, entry) : undefined;
  const fixture = new HostFixture(() => ({ requestsPerWindow: 0, before: watch("before"), after: watch("after") }));
  afterEach(() => (onRevoke = () => undefined));

  /** What the engine does: eight at a time, and what is not known to be deleted stays in the state. */
  async function destroy(host: ProviderHost, state: readonly Created[]): Promise<Created[]> {
    const queue = [...state];
    const left: Created[] = [];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        if ((await failureOf(host.delete(next.id, next.outs))) !== undefined) left.push(next);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return left;
  }

  for (const moment of ["before", "after"] as const) {
    for (let nth = 1; nth <= TOKENS; nth++) {
      it(`has revoked every token after the next destroy, killed ${moment} Atlas processed revoke ${nth}`, async () => {
        const first = await fixture.start();
        const state = await Promise.all(
          Array.from({ length: TOKENS }, (_, index) => fixture.create(first, `token-${index}`)),
        );
        let seen = 0;
        onRevoke = async (when) => {
          if (when !== moment || ++seen !== nth) return;
          await first.kill();
        };
        const left = await destroy(first, state);
        assert.equal((await first.exited).signal, "SIGKILL");
        assert.ok(left.length > 0);

        onRevoke = () => undefined;
        const second = await fixture.start();
        assert.deepEqual(await destroy(second, left), []);

        assert.deepEqual(
          fixture.atlas.tokens().filter((token) => token.active),
          [],
        );
        const revokes = fixture.atlas.log().filter((entry) => entry.endpoint === "revoke" && entry.status !== null);
        for (const { jti } of fixture.atlas.tokens()) {
          const inVain = revokes.filter(({ token }) => token?.name === jti && !token.active).length;
          assert.ok(inVain <= 1, `${jti} was revoked in vain ${inVain} times`);
        }
      });
    }
  }
});
