import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { failureOf, HostFixture } from "./support/host-fixture";

const NEW_SECRET = "another-fake-secret";

describe("credentials that changed since the last up", function () {
  this.timeout(30_000);
  const fixture = new HostFixture();
  const config = { "mongodbatlas:clientId": defaultClientId, "mongodbatlas:clientSecret": defaultClientSecret };

  it("are found in the environment, where the configuration of the last up is refused, and are remembered", async () => {
    const host = await fixture.start({ MONGODB_ATLAS_CLIENT_SECRET: NEW_SECRET }, config);
    const first = await fixture.create(host, "first");
    const second = await fixture.create(host, "second");
    fixture.atlas.setSecrets(defaultClientId, [NEW_SECRET]);
    await host.delete(first.id, first.outs);
    await host.delete(second.id, second.outs);
    assert.deepEqual(
      fixture.atlas
        .log()
        .filter(({ endpoint }) => endpoint === "revoke")
        .map(({ status }) => status),
      [401, 200, 200],
    );
  });

  it("do not count where they stand beside another client id, and the message says what to set", async () => {
    const { id, outs } = await fixture.create(await fixture.start(), "ci");
    const host = await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "another-client" });
    const failure = await failureOf(host.delete(id, outs));
    assert.match(failure?.message ?? "", /no secret is at hand for its client id local-atlas-client/);
    assert.match(failure?.message ?? "", /set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);
    assert.ok(!fixture.atlas.log().some(({ endpoint }) => endpoint === "revoke"));
  });

  it("count where no client id stands beside them", async () => {
    const { id, outs } = await fixture.create(await fixture.start(), "ci");
    const host = await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "" });
    await host.delete(id, outs);
    assert.ok(!fixture.atlas.isActive(String(outs["accessToken"])));
  });

  it("are gone with the service account: destroy fails until the token has expired, and says until when", async () => {
    const host = await fixture.start();
    const { id, outs } = await fixture.create(host, "ci");
    fixture.atlas.removeClient(defaultClientId);
    const failure = await failureOf(host.delete(id, outs));
    assert.match(failure?.message ?? "", /invalid_client \(401\)/);
    assert.match(
      failure?.message ?? "",
      /pulumi destroy --run-program[^]*if the service account is gone, only waiting helps/,
    );
    const from = /Or wait: from (\S+) on/.exec(failure?.message ?? "")?.[1];
    assert.equal(Date.parse(from ?? ""), Date.parse(String(outs["expiresAt"])) + 300_000);
    await host.delete(id, { ...outs, expiresAt: new Date(Date.now() - 301_000).toISOString() });
  });
});
