import assert from "node:assert/strict";

import { startLocalAtlas } from "../../examples/local-atlas";
import { dynamic, plugin } from "./support/forms";
import { describeOnEngine, type Account, type Scene } from "./support/scene";
import type { Program } from "./support/stack";

const first: Account = { clientId: "first-account", clientSecret: "the-first-secret" };
const second: Account = { clientId: "second-account", clientSecret: "the-second-secret" };
const rotated: Account = { ...first, clientSecret: "the-first-secret-rotated" };
const clients = {
  [first.clientId]: [first.clientSecret, rotated.clientSecret],
  [second.clientId]: second.clientSecret,
};

const program: Program = ({ ServiceAccountToken, Consumer }, args: object) => {
  const { accessToken } = new ServiceAccountToken("ci", args);
  new Consumer("user", accessToken);
  new Consumer("replaced-user", accessToken, { replaceOnChanges: ["token"] });
  return { token: accessToken };
};

describeOnEngine("a changed argument", [dynamic, plugin], (open, form) => {
  async function openAndUp(): Promise<Scene> {
    const scene = await open({ clients });
    const run = await scene.stack.declare(program, first).up();
    assert.ok(run.succeeded, run.output);
    return scene;
  }

  for (const [argument, args] of Object.entries({ keepers: { ...first, keepers: { release: 2 } }, clientId: second })) {
    it(`replaces the token and hands it to its dependants before the old one is revoked: ${argument}`, async () => {
      const scene = await openAndUp();
      const { stack } = scene;

      const preview = await stack.declare(program, args).preview();
      assert.match(preview.output, new RegExp(`\\+- .*ci +replace +\\[diff: [^\\]]*${argument}`));
      assert.deepEqual(scene.active(), [true]);

      const up = await stack.up();
      assert.ok(up.succeeded, up.output);
      assert.deepEqual(up.did.slice(0, 2), ["create-replacement ci", "replace ci"]);
      assert.equal(up.did.at(-1), "delete-replaced ci");
      assert.deepEqual(up.notes, []);
      assert.ok(!scene.uses().join().includes("inactive"), scene.uses().join("\n"));
      const requests = [`issue first-account 200`, `issue ${args.clientId} 200`, "revoke first-account 200"];
      assert.deepEqual(scene.requestsByAccount(), requests);
    });
  }

  it("issues at the new baseUrl and revokes at the old one", async () => {
    const scene = await openAndUp();
    const other = await startLocalAtlas({ clients });
    try {
      const onlyToken: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("ci", args);

      const up = await scene.stack.declare(onlyToken, { ...first, baseUrl: other.url }).up();

      assert.ok(up.succeeded, up.output);
      assert.deepEqual([scene.active(), other.tokens().map(({ active }) => active)], [[false], [true]]);
      assert.ok(!scene.stack.stored().includes(other.tokens()[0]!.token));
    } finally {
      await other.close();
    }
  });

  for (const [argument, args] of Object.entries({
    clientSecret: rotated,
    renewBefore: { ...first, renewBefore: "20m" },
  })) {
    it(`updates the resource in place without a request: ${argument}`, async () => {
      const scene = await openAndUp();
      const { stack } = scene;
      const before = await stack.state();

      const preview = await stack.declare(program, args).preview();
      assert.match(preview.output, /^ ~ +\S+:ServiceAccountToken ci +update/m);
      // The outputs of a dynamic resource that is updated are unknown to a preview, so its dependants seem to change.
      const shown = form === dynamic ? ["update user", "replace replaced-user"] : ["same user", "same replaced-user"];
      for (const step of shown) assert.ok(preview.did.includes(step), preview.output);

      const up = await stack.up();
      assert.ok(up.succeeded, up.output);
      assert.deepEqual([...up.did].sort(), ["same replaced-user", "same user", "update ci"]);
      assert.deepEqual(scene.requests(), ["issue 200"]);
      const [ci, ...dependants] = (await stack.state()).sort((a, b) => a.name.localeCompare(b.name));
      const [was, ...others] = before.sort((a, b) => a.name.localeCompare(b.name));
      assert.deepEqual([ci?.id, ci?.outputs], [was?.id, { ...was?.outputs, ...args }]);
      assert.deepEqual([...ci!.secretOutputs].sort(), ["accessToken", "clientSecret"]);
      assert.deepEqual(dependants, others);

      scene.atlas.setSecrets(first.clientId, [args.clientSecret]);
      assert.ok((await stack.destroy()).succeeded);
      assert.deepEqual(scene.active(), [false]);
    });
  }
});

/** A service account that the stack itself makes: its client ID and secret are unknown before. */
const madeByStack: Program = ({ pulumi, ServiceAccountToken }, { clientId, clientSecret }: Account) => {
  interface Made {
    readonly clientId: string;
    readonly clientSecret: string;
  }
  const outsOf = (made: Made) => ({ ...made, madeId: made.clientId, madeSecret: made.clientSecret });
  const maker: Provider = {
    create: (made: Made) => Promise.resolve({ id: "made", outs: outsOf(made) }),
    update: (_id: string, _olds: Made, made: Made) => Promise.resolve({ outs: outsOf(made) }),
  };
  class ServiceAccount extends pulumi.dynamic.Resource {
    declare readonly madeId: import("@pulumi/pulumi").Output<string>;
    declare readonly madeSecret: import("@pulumi/pulumi").Output<string>;
  }
  const account = new ServiceAccount(
    maker,
    "account",
    { clientId, clientSecret: pulumi.secret(clientSecret), madeId: undefined, madeSecret: undefined },
    { replaceOnChanges: ["clientId"], additionalSecretOutputs: ["madeSecret"] },
  );
  const { madeId, madeSecret } = account;
  const keepers = madeId.apply((id) => ({ account: id }));
  return { token: new ServiceAccountToken("ci", { clientId: madeId, clientSecret: madeSecret, keepers }).accessToken };
};
type Provider = import("@pulumi/pulumi").dynamic.ResourceProvider;

describeOnEngine("a service account that the stack makes", [dynamic, plugin], (open) => {
  it("is unknown in the preview, known when the token is issued, and outlives its token", async () => {
    const scene = await open({ clients });
    const { stack } = scene;
    scene.logOut();

    const preview = await stack.declare(madeByStack, first).preview();
    assert.deepEqual([preview.succeeded, preview.did], [true, ["create account", "create ci"]], preview.output);
    assert.deepEqual(scene.requests(), []);
    const up = await stack.up();
    assert.deepEqual([up.succeeded, up.did], [true, ["create account", "create ci"]], up.output);
    assert.ok((await stack.preview("--expect-no-changes")).succeeded);

    // Only the secret changes: nothing is replaced, although the preview cannot know that.
    const update = await stack.declare(madeByStack, rotated).up();
    assert.deepEqual(update.did, ["update account", "update ci"], update.output);

    const moved = await stack.declare(madeByStack, second).up();
    assert.deepEqual(moved.did, [
      ...["create-replacement account", "replace account", "create-replacement ci", "replace ci"],
      ...["delete-replaced ci", "delete-replaced account"],
    ]);
    assert.deepEqual((await stack.destroy()).did, ["delete ci", "delete account"]);
    assert.deepEqual(scene.requestsByAccount(), [
      ...["issue first-account 200", "issue second-account 200"],
      ...["revoke first-account 200", "revoke second-account 200"],
    ]);
  });
});
