import assert from "node:assert/strict";

import { describeOnEngine, dynamic, fails, plugin, succeeds, type Account } from "./support/scene";
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
    const scene = await open({ clients });
    const { stack, atlas } = scene;
    scene.logOut();
    await scene.configure(before);
    await succeeds(stack.declare(twoTokens).up());
    atlas.setSecrets(before.clientId, [after.clientSecret]);
    await scene.configure(after);

    const refused = await fails(stack.destroy());
    assert.deepEqual([refused.did, refused.failed, scene.active()], [[], ["delete second"], [true, true]]);
    assert.match(refused.output, /ServiceAccountToken second-\w+ [^]*invalid_client \(401\)[^]*--run-program/);
    await succeeds(stack.destroy("--run-program"));
    assert.deepEqual([await stack.state(), scene.active()], [[], [false, false]]);

    await succeeds(stack.up());
    atlas.setSecrets(before.clientId, [last.clientSecret]);
    await scene.configure(last);
    assert.deepEqual((await succeeds(stack.up())).did, ["same first", "same second"]);
    const sent = scene.requests().length;
    await succeeds(stack.destroy());
    assert.deepEqual(scene.requests().slice(sent), ["revoke 200", "revoke 200"]);
  });
});

describeOnEngine("a program that moves to another service account", [dynamic], (open) => {
  it("keeps the old token until its secret is configured again, as preview and up say", async () => {
    const replaced = ["create-replacement ci", "replace ci", "delete-replaced ci"];
    const scene = await open({ clients });
    const { stack } = scene;
    scene.logIn(old);
    await succeeds(stack.declare(oneToken).up());
    scene.logIn(other);

    const preview = await succeeds(stack.preview());
    assert.deepEqual(preview.did, replaced, preview.output);
    assert.match(preview.notes.join("\n"), /^ServiceAccountToken ci-\w+ .*old-account.*cannot be revoked.*$/);
    const refused = await fails(stack.up());
    assert.deepEqual([refused.failed, scene.active()], [["delete-replaced ci"], [true, true]]);
    assert.match(refused.output, /old-account[^]*MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);

    await scene.configure(other);
    scene.logIn(old);
    assert.deepEqual((await succeeds(stack.up())).did, ["same ci", "delete-replaced ci"]);
    assert.deepEqual(scene.active(), [false, true]);
  });
});

describeOnEngine("an explicit provider", [plugin], (open) => {
  const explicit: Program = ({ Provider, ServiceAccountToken }, account: Account) => {
    new ServiceAccountToken("ci", {}, { provider: new Provider("account", account) });
  };

  it("changes no token with its secret, and replaces it with its client ID", async () => {
    const scene = await open({ clients });
    const { stack } = scene;
    scene.logOut();

    await succeeds(stack.declare(explicit, before).up());
    assert.deepEqual((await succeeds(stack.declare(explicit, after).up())).did, ["same ci"]);
    scene.atlas.setSecrets(before.clientId, [after.clientSecret]);
    const moved = await fails(stack.declare(explicit, other).up());
    assert.deepEqual([moved.did, moved.failed], [["create-replacement ci", "replace ci"], ["delete-replaced ci"]]);
    scene.logIn(after);
    await succeeds(stack.up());
    await succeeds(stack.destroy());
    assert.deepEqual(scene.active(), [false, false]);
  });
});
