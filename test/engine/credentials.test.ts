import assert from "node:assert/strict";

import { describeOnEngine, dynamic, fails, plugin, succeeds, type Account } from "./support/fixture";
import type { Program } from "./support/stack";

const twoTokens: Program = ({ ServiceAccountToken }, args: object) => {
  const dependsOn = new ServiceAccountToken("first", args);
  new ServiceAccountToken("second", args, { dependsOn });
};
const oneToken: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

const [before, after, last] = ["the-secret-before", "the-secret-after", "the-secret-at-last"].map((clientSecret) => ({
  clientId: "rotating-account",
  clientSecret,
})) as [Account, Account, Account];
const old: Account = { clientId: "old-account", clientSecret: "the-secret-of-old" };
const other: Account = { clientId: "other-account", clientSecret: "the-secret-of-other" };
const clients = {
  [before.clientId]: [before.clientSecret, after.clientSecret, last.clientSecret],
  [old.clientId]: old.clientSecret,
  [other.clientId]: other.clientSecret,
};

describeOnEngine("a client secret that is rotated", [dynamic], (open) => {
  it("is found in the configuration by a destroy that runs the program, or after an up that did", async () => {
    const fixture = await open({ clients });
    const { stack, atlas } = fixture;
    fixture.logOut();
    await fixture.configure(before);
    await succeeds(stack.declare(twoTokens).up());
    atlas.setSecrets(before.clientId, [after.clientSecret]);
    await fixture.configure(after);

    const refused = await fails(stack.destroy());
    assert.deepEqual([refused.did, refused.failed, fixture.active()], [[], ["delete second"], [true, true]]);
    assert.match(refused.output, /ServiceAccountToken second-\w+ [^]*invalid_client \(401\)[^]*--run-program/);
    await succeeds(stack.destroy("--run-program"));
    assert.deepEqual([await stack.state(), fixture.active()], [[], [false, false]]);

    await succeeds(stack.up());
    atlas.setSecrets(before.clientId, [last.clientSecret]);
    await fixture.configure(last);
    assert.deepEqual((await succeeds(stack.up())).did, ["same first", "same second"]);
    const sent = fixture.requests().length;
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.requests().slice(sent), ["revoke 200", "revoke 200"]);
  });
});

describeOnEngine("a program that moves to another service account", [dynamic], (open) => {
  it("keeps the old token until its secret is configured again, as preview and up say", async () => {
    const replaced = ["create-replacement ci", "replace ci", "delete-replaced ci"];
    const fixture = await open({ clients });
    const { stack } = fixture;
    fixture.logIn(old);
    await succeeds(stack.declare(oneToken).up());
    fixture.logIn(other);

    const preview = await succeeds(stack.preview());
    assert.deepEqual(preview.did, replaced, preview.output);
    assert.match(preview.notes.join("\n"), /^ServiceAccountToken ci-\w+ .*old-account.*cannot be revoked.*$/);
    const refused = await fails(stack.up());
    assert.deepEqual([refused.failed, fixture.active()], [["delete-replaced ci"], [true, true]]);
    assert.match(refused.output, /old-account[^]*MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);

    await fixture.configure(other);
    fixture.logIn(old);
    assert.deepEqual((await succeeds(stack.up())).did, ["same ci", "delete-replaced ci"]);
    assert.deepEqual(fixture.active(), [false, true]);
  });
});

describeOnEngine("an explicit provider", [plugin], (open) => {
  const explicit: Program = ({ Provider, ServiceAccountToken }, account: Account) => {
    new ServiceAccountToken("ci", {}, { provider: new Provider("account", account) });
  };

  it("changes no token with its secret, and replaces it with its client ID", async () => {
    const fixture = await open({ clients });
    const { stack } = fixture;
    fixture.logOut();

    await succeeds(stack.declare(explicit, before).up());
    assert.deepEqual((await succeeds(stack.declare(explicit, after).up())).did, ["same ci"]);
    fixture.atlas.setSecrets(before.clientId, [after.clientSecret]);
    const moved = await fails(stack.declare(explicit, other).up());
    assert.deepEqual([moved.did, moved.failed], [["create-replacement ci", "replace ci"], ["delete-replaced ci"]]);
    fixture.logIn(after);
    await succeeds(stack.up());
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.active(), [false, false]);
  });
});
