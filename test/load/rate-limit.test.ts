import assert from "node:assert/strict";

import { Fixture } from "../provider/support/fixture";

const TOKENS = 60;
const PER_WINDOW = 10;
const IN_FLIGHT = 8;

describe("many tokens under a limit of 10 requests in a window", function () {
  this.timeout(120_000);
  // The least that Retry-After can say is a second.
  const fixture = new Fixture("dynamic", () => ({ requestsPerWindow: PER_WINDOW, windowSeconds: 1 }));
  const names = Array.from({ length: TOKENS }, (_, index) => `token-${index}`);

  function refusals(endpoint: string): number {
    return fixture.atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  }

  it("are all issued and all revoked, with at most as many refusals a window as calls may be in flight", async () => {
    const provider = await fixture.start();
    const created = await Promise.all(names.map((name) => provider.create(name)));
    await Promise.all(created.map((token) => provider.delete(token)));

    assert.equal(fixture.atlas.tokens().length, TOKENS);
    assert.equal(fixture.active, 0);
    const windows = TOKENS / PER_WINDOW;
    for (const endpoint of ["issue", "revoke"]) {
      // The last window refuses nobody.
      assert.ok(refusals(endpoint) <= (windows - 1) * IN_FLIGHT, `${refusals(endpoint)} refused to ${endpoint}`);
    }
    assert.match(
      await provider.shown(),
      /^Waiting \d+ s to issue \d+ tokens \(rate_limited, .*; \d+ issued so far, about \d+ s/m,
    );
  });

  it("are all issued and revoked by two processes at the same time", async () => {
    const providers = await Promise.all([fixture.start(), fixture.start()]);
    const half = names.slice(0, TOKENS / 4);
    await Promise.all(
      providers.map(async (provider) => {
        const created = await Promise.all(half.map((name) => provider.create(name)));
        await Promise.all(created.map((token) => provider.delete(token)));
      }),
    );
    for (const endpoint of ["issue", "revoke"])
      assert.ok(refusals(endpoint) > 0, `the limit was not met by ${endpoint}`);
    assert.equal(fixture.atlas.tokens().length, 2 * half.length);
    assert.equal(fixture.active, 0);
  });
});
