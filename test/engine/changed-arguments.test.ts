import assert from "node:assert/strict";

import { issueToken } from "pulumi-atlas-token/oauth";
import { startLocalAtlas } from "../../examples/local-atlas";
import { describeOnEngine, dynamic, plugin, succeeds, type Account } from "./support/fixture";
import type { Program } from "./support/stack";

const first: Account = { clientId: "first-account", clientSecret: "the-first-secret" };
const rotated: Account = { ...first, clientSecret: "the-first-secret-rotated" };
const second: Account = { clientId: "second-account", clientSecret: "the-second-secret" };
const clients = {
  [first.clientId]: [first.clientSecret, rotated.clientSecret],
  [second.clientId]: second.clientSecret,
};

const program: Program = ({ ServiceAccountToken, Consumer }, args: object) => {
  const { accessToken } = new ServiceAccountToken("ci", args);
  new Consumer("user", accessToken);
  new Consumer("replaced-user", accessToken, { replaceOnChanges: ["token"] });
};

/** A service account that the stack itself makes: its client ID and secret are unknown before. */
const accountInStack: Program = ({ pulumi, ServiceAccountToken }, { clientId, clientSecret }: Account) => {
  const outs = (made: Account) => ({ ...made, madeId: made.clientId, madeSecret: made.clientSecret });
  const maker: import("@pulumi/pulumi").dynamic.ResourceProvider = {
    create: (made: Account) => Promise.resolve({ id: "made", outs: outs(made) }),
    update: (_id: string, _olds: Account, made: Account) => Promise.resolve({ outs: outs(made) }),
  };
  class ServiceAccount extends pulumi.dynamic.Resource {
    declare readonly madeId: import("@pulumi/pulumi").Output<string>;
    declare readonly madeSecret: import("@pulumi/pulumi").Output<string>;
  }
  const account = { clientId, clientSecret: pulumi.secret(clientSecret), madeId: undefined, madeSecret: undefined };
  const options = { replaceOnChanges: ["clientId"], additionalSecretOutputs: ["madeSecret"] };
  const { madeId, madeSecret } = new ServiceAccount(maker, "account", account, options);
  const keepers = madeId.apply((id) => ({ account: id }));
  new ServiceAccountToken("ci", { clientId: madeId, clientSecret: madeSecret, keepers });
};

/** A token, and what the program says of it. */
const adopting: Program = ({ ServiceAccountToken }, { name, ...args }: { name: string }) =>
  new ServiceAccountToken(name, args);

describeOnEngine("an adopted token", [dynamic, plugin], (open) => {
  it("is revoked once, where it was adopted, when nothing has it any more", async () => {
    const fixture = await open({ clients });
    const { stack, atlas } = fixture;
    const elsewhere = await startLocalAtlas({ clients });
    try {
      fixture.logOut();
      const existingToken = (await issueToken({ baseUrl: atlas.url, ...first })).accessToken;
      const args = { name: "ci", ...first, existingToken };
      await succeeds(stack.declare(adopting, args).up());

      const steps = ["create-replacement ci", "replace ci", "delete-replaced ci"];
      const replaced = await succeeds(stack.up("--replace", "**::ci"));
      assert.deepEqual([replaced.did, fixture.active()], [steps, [true]]);
      assert.match(replaced.notes.join(), /^ServiceAccountToken ci-\w+ .*because ci-\w+ has the same token/);
      const renamed = await succeeds(stack.declare(adopting, { ...args, name: "deploy" }).up());
      assert.deepEqual([renamed.did, fixture.active()], [["create deploy", "delete ci"], [true]]);
      assert.match(renamed.notes.join(), /^ServiceAccountToken ci-\w+ .*because deploy-\w+ has the same token/);

      stack.env["MONGODB_ATLAS_BASE_URL"] = elsewhere.url;
      stack.declare(adopting, { ...args, name: "deploy", clientSecret: rotated.clientSecret });
      const note = new RegExp(`^ServiceAccountToken deploy-\\w+ was adopted at ${atlas.url} .*${elsewhere.url}`, "m");
      assert.match((await stack.preview()).notes.join("\n"), note);
      assert.deepEqual((await succeeds(stack.up())).did, ["update deploy"]);
      atlas.setSecrets(first.clientId, [rotated.clientSecret]);
      assert.deepEqual((await succeeds(stack.up("--expect-no-changes"))).did, ["same deploy"]);
      await succeeds(stack.destroy());
      assert.deepEqual([fixture.requests(), elsewhere.log()], [["issue 200", "revoke 200"], []]);
    } finally {
      await elsewhere.close();
    }
  });
});

describeOnEngine("a rotated client secret that is an argument", [dynamic, plugin], (open) => {
  it("revokes the token that it replaces in the same run", async () => {
    const fixture = await open({ clients });
    const { stack, atlas } = fixture;
    fixture.logOut();
    await succeeds(stack.declare(program, first).up());
    atlas.setSecrets(first.clientId, [rotated.clientSecret]);
    await succeeds(stack.declare(program, { ...rotated, keepers: { release: 2 } }).up());
    assert.deepEqual(fixture.requests(), ["issue 200", "issue 200", "revoke 200"]);
  });
});

describeOnEngine("a changed argument", [dynamic, plugin], (open, form) => {
  it("replaces the token before it is revoked where it was issued, or updates it without a request", async () => {
    const fixture = await open({ clients });
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(program, second).up());

    const preview = await stack.declare(program, first).preview();
    assert.match(preview.output, /\+- .*ci +replace +\[diff: [^\]]*clientId/);
    assert.deepEqual(fixture.active(), [true]);
    const replaced = await succeeds(stack.up());
    assert.deepEqual(replaced.did.slice(0, 2), ["create-replacement ci", "replace ci"]);
    assert.equal(replaced.did.at(-1), "delete-replaced ci");
    assert.deepEqual([replaced.notes, fixture.active()], [[], [false, true]]);
    assert.ok(!fixture.uses().join().includes("inactive"), fixture.uses().join("\n"));

    const byName = async () => (await stack.state()).sort((a, b) => a.name.localeCompare(b.name));
    const [before, ...usersBefore] = await byName();
    const changed = { ...rotated, renewBefore: "20m" };
    const updating = await stack.declare(program, changed).preview();
    assert.match(updating.output, /^ ~ +\S+:ServiceAccountToken ci +update/m);
    // The outputs of a dynamic resource that is updated are unknown to a preview, so its dependants seem to change.
    const seem = form === dynamic ? ["update user", "replace replaced-user"] : ["same user", "same replaced-user"];
    for (const step of seem) assert.ok(updating.did.includes(step), updating.output);
    const updated = await succeeds(stack.up());
    assert.deepEqual([...updated.did].sort(), ["same replaced-user", "same user", "update ci"]);
    const [after, ...usersAfter] = await byName();
    assert.deepEqual([after?.id, after?.outputs], [before?.id, { ...before?.outputs, ...changed }]);
    assert.deepEqual([...after!.secretOutputs].sort(), ["accessToken", "clientSecret"]);
    assert.deepEqual(usersAfter, usersBefore);
    assert.equal(fixture.requests().length, 3);

    atlas.setSecrets(first.clientId, [rotated.clientSecret]);
    const other = await startLocalAtlas({ clients });
    try {
      await succeeds(stack.declare(program, { ...rotated, baseUrl: other.url }).up());
      assert.deepEqual([fixture.active(), other.tokens().map(({ active }) => active)], [[false, false], [true]]);
      assert.ok(!stack.stored().includes(other.tokens()[0]!.token));
    } finally {
      await other.close();
    }
    assert.deepEqual(fixture.requestsByAccount(), [
      ...["issue second-account 200", "issue first-account 200"],
      ...["revoke second-account 200", "revoke first-account 200"],
    ]);
  });

  it("of a service account that the stack makes is unknown in previews, and the account outlives its token", async () => {
    const fixture = await open({ clients });
    const { stack } = fixture;
    fixture.logOut();

    const preview = await succeeds(stack.declare(accountInStack, first).preview());
    assert.deepEqual([preview.did, fixture.requests()], [["create account", "create ci"], []]);
    assert.deepEqual((await succeeds(stack.up())).did, ["create account", "create ci"]);
    await succeeds(stack.preview("--expect-no-changes"));

    // Only the secret changes: nothing is replaced, although the preview cannot know that.
    const update = await succeeds(stack.declare(accountInStack, rotated).up());
    assert.deepEqual(update.did, ["update account", "update ci"], update.output);

    const moved = await succeeds(stack.declare(accountInStack, second).up());
    assert.deepEqual(moved.did, [
      ...["create-replacement account", "replace account", "create-replacement ci", "replace ci"],
      ...["delete-replaced ci", "delete-replaced account"],
    ]);
    assert.deepEqual((await succeeds(stack.destroy())).did, ["delete ci", "delete account"]);
    assert.deepEqual(fixture.requestsByAccount(), [
      ...["issue first-account 200", "issue second-account 200"],
      ...["revoke first-account 200", "revoke second-account 200"],
    ]);
  });
});
