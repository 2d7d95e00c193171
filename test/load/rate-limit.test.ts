import assert from "node:assert/strict";

import { Fixture } from "../provider/support/fixture";

describe("tokens under a limit of 10 requests in a second", function () {
  this.timeout(120_000);
  // The least that Retry-After can say is a second.
  const fixture = new Fixture("dynamic", { requestsPerWindow: 10, windowSeconds: 1 });
  const names = Array.from({ length: 30 }, (_, index) => `token-${index}`);

  for (const processes of [1, 2]) {
    it(`are all issued and revoked, and only the first window refuses any: processes ${processes}`, async () => {
      const providers = await Promise.all(Array.from({ length: processes }, () => fixture.start()));
      await Promise.all(
        providers.map(async (provider) => {
          const created = await Promise.all(names.map((name) => provider.create(name)));
          await Promise.all(created.map((token) => provider.delete(token)));
        }),
      );
      assert.equal(fixture.atlas.tokens().length, processes * names.length);
      assert.equal(fixture.active, 0);
      for (const endpoint of ["issue", "revoke"]) {
        const refused = fixture.atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429);
        assert.ok(refused.length > 0, `the limit was not met by ${endpoint}`);
        if (processes === 1) assert.ok(refused.length <= 8, `${refused.length} refused to ${endpoint}`);
      }
      const line = /^Rate limited by .*; retrying in \d+ s \(client ID .*: \d+ tokens to issue, .*\)$/m;
      for (const provider of providers) assert.match(await provider.shown(), line);
    });
  }
});
