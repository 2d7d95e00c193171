import assert from "node:assert/strict";

import { failureOf, HostFixture } from "./support/host-fixture";

const MINUTE = 60_000;

describe("clocks that differ", function () {
  this.timeout(30_000);
  let skew = 0;
  const fixture = new HostFixture(() => ({ now: () => Date.now() + skew }));
  afterEach(() => (skew = 0));

  for (const hours of [-1, 1]) {
    it(`leave the server's times in the state, ${hours} h from this machine's`, async () => {
      skew = hours * 60 * MINUTE;
      const host = await fixture.start();
      const { outs } = await fixture.create(host, "ci");
      const [token] = fixture.atlas.tokens();
      const issuedAt = Date.parse(String(outs["issuedAt"]));
      const expiresAt = Date.parse(String(outs["expiresAt"]));
      assert.ok(Math.abs(issuedAt - Number(token?.issuedAt)) <= 1000);
      assert.ok(Math.abs(expiresAt - Number(token?.expiresAt)) <= 1000);
    });
  }

  it("do not keep a token from being revoked that has expired for less than five minutes on this one", async () => {
    skew = -64 * MINUTE;
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    assert.ok(Date.parse(String(outs["expiresAt"])) < Date.now());
    await host.delete(id, outs);
    assert.ok(!fixture.atlas.isActive(String(outs["accessToken"])));
    assert.equal(fixture.atlas.log().at(-1)?.endpoint, "revoke");
  });

  it("matter no more once it has expired for longer: no network, no credentials", async () => {
    skew = -66 * MINUTE;
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    await fixture.atlas.close();
    const bare = await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "" });
    assert.equal(await failureOf(bare.delete(id, outs)), undefined);
  });

  it("make no replacement loop of a token that lives no longer than renewBefore", async () => {
    fixture.atlas.settings.lifetimeSeconds = 300;
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    const { changes } = await host.diff(id, outs, await fixture.inputs(host, "ci"));
    assert.equal(changes, false);
    await host.close();
    assert.match(host.stderr, /its whole life of 5 min is no longer than renewBefore 10m/);
  });
});
