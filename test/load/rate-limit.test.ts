import assert from "node:assert/strict";

import { HostFixture, type Created } from "../host/support/host-fixture";

const TOKENS = 60;
const PER_WINDOW = 10;
const IN_FLIGHT = 8;

describe("many tokens under a limit of 10 requests in a window", function () {
  this.timeout(120_000);
  // The least that Retry-After can say is a second.
  const fixture = new HostFixture(() => ({ requestsPerWindow: PER_WINDOW, windowSeconds: 1 }));
  const names = Array.from({ length: TOKENS }, (_, index) => `token-${index}`);

  function refusals(endpoint: string): number {
    return fixture.atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  }

  it("are all issued and all revoked, with at most as many refusals a window as calls may be in flight", async () => {
    const host = await fixture.start();
    const created = await Promise.all(names.map((name) => fixture.create(host, name)));
    await Promise.all(created.map(({ id, outs }) => host.delete(id, outs)));

    assert.equal(fixture.atlas.tokens().length, TOKENS);
    assert.deepEqual(
      fixture.atlas.tokens().filter(({ active }) => active),
      [],
    );
    const windows = TOKENS / PER_WINDOW;
    for (const endpoint of ["issue", "revoke"]) {
      // The last window refuses nobody.
      assert.ok(refusals(endpoint) <= (windows - 1) * IN_FLIGHT, `${refusals(endpoint)} refused to ${endpoint}`);
    }
    await host.close();
    assert.match(host.stderr, /^Waiting \d+ s to issue \d+ tokens \(rate_limited, .*; \d+ issued so far, about \d+ s/m);
  });

  it("are all issued and revoked by two processes at the same time", async () => {
    const hosts = await Promise.all([fixture.start(), fixture.start()]);
    const half = names.slice(0, TOKENS / 4);
    const run = async (index: 0 | 1): Promise<void> => {
      const created: Created[] = await Promise.all(half.map((name) => fixture.create(hosts[index], name)));
      await Promise.all(created.map(({ id, outs }) => hosts[index].delete(id, outs)));
    };
    await Promise.all([run(0), run(1)]);
    for (const endpoint of ["issue", "revoke"])
      assert.ok(refusals(endpoint) > 0, `the limit was not met by ${endpoint}`);
    assert.equal(fixture.atlas.tokens().length, 2 * half.length);
    assert.deepEqual(
      fixture.atlas.tokens().filter(({ active }) => active),
      [],
    );
  });
});
