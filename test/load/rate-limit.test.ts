import assert from "node:assert/strict";

import { Fixture } from "../provider/support/fixture";

describe("tokens under a limit of 10 requests in a second", function () {
  this.timeout(120_000);
  // The least that Retry-After can say is a second.
  const fixture = new Fixture("dynamic", { requestsPerWindow: 10, windowSeconds: 1 });

  for (const [processes, tokens] of [
    [1, 20],
    [2, 12],
  ] as const) {
    it(`are all issued and revoked, and only the first window refuses any: processes ${processes}`, async () => {
      const providers = await Promise.all(Array.from({ length: processes }, () => fixture.start()));
      const names = Array.from({ length: tokens }, (_, index) => `token-${index}`);
      await Promise.all(
        providers.map(async (provider) => {
          const created = await Promise.all(names.map((name) => provider.create(name)));
          await Promise.all(created.map((token) => provider.delete(token)));
        }),
      );
      assert.equal(fixture.active, 0);
      for (const endpoint of ["issue", "revoke"]) {
        const done = fixture.requests.filter((request) => request === `${endpoint} 200`).length;
        assert.equal(done, processes * tokens);
        const refused = fixture.requests.filter((request) => request === `${endpoint} 429`).length;
        assert.ok(refused > 0, `the limit was not met by ${endpoint}`);
        if (processes === 1) assert.ok(refused <= 8, `${refused} refused to ${endpoint}`);
      }
      const line = /^Rate limited by .*; retrying in \d+ s \(client ID .*: \d+ tokens to issue, .*\)$/m;
      for (const provider of providers) assert.match(await provider.shown(), line);
    });
  }
});
