import assert from "node:assert/strict";

import { dynamic } from "./support/forms";
import { describeOnEngine, type Account, type Scene } from "./support/scene";
import type { Program } from "./support/stack";

const twoTokens: Program = ({ ServiceAccountToken }, args: object) => {
  const dependsOn = new ServiceAccountToken("first", args);
  new ServiceAccountToken("second", args, { dependsOn });
};
const oneToken: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("ci", args);

/** Where a program has its account from: what it passes as arguments, after it has set the other places. */
type Source = (scene: Scene, account: Account) => Promise<object>;

const argument: Source = (_scene, account) => Promise.resolve({ ...account });
const configuration: Source = async (scene, account) => {
  await scene.configure(account);
  return {};
};
const environment: Source = (scene, account) => {
  scene.logIn(account);
  return Promise.resolve({});
};

describeOnEngine("a client secret that is rotated before destroy", [dynamic], (open) => {
  const before: Account = { clientId: "rotating-account", clientSecret: "the-secret-before" };
  const after: Account = { ...before, clientSecret: "the-secret-after" };

  async function upAndRotate(source: Source): Promise<Scene> {
    const scene = await open({ clients: { [before.clientId]: [before.clientSecret, after.clientSecret] } });
    scene.logOut();
    const run = await scene.stack.declare(twoTokens, await source(scene, before)).up();
    assert.ok(run.succeeded, run.output);
    scene.atlas.setSecrets(before.clientId, [after.clientSecret]);
    return scene;
  }

  for (const [name, source] of Object.entries({ argument, configuration })) {
    it(`is found in the environment by destroy when the old one is in the state as ${name}`, async () => {
      const scene = await upAndRotate(source);
      scene.logIn(after);

      const run = await scene.stack.destroy();

      assert.deepEqual([run.succeeded, run.did], [true, ["delete second", "delete first"]], run.output);
      // The secret that was accepted is tried first for the other token.
      assert.deepEqual(scene.requests().slice(2), ["revoke 401", "revoke 200", "revoke 200"]);
    });
  }

  it("is found in the configuration only by destroy --run-program, which the error says", async () => {
    const scene = await upAndRotate(configuration);
    const { stack } = scene;
    await scene.configure(after);

    const refused = await stack.destroy();
    assert.deepEqual([refused.succeeded, refused.did, refused.failed], [false, [], ["delete second"]]);
    assert.match(refused.output, /ServiceAccountToken second-\w+ [^]*invalid_client \(401\)[^]*--run-program/);
    assert.deepEqual(scene.active(), [true, true]);

    const run = await stack.destroy("--run-program");
    assert.ok(run.succeeded, run.output);
    assert.deepEqual([await stack.state(), scene.active()], [[], [false, false]]);
  });

  it("is used by a plain destroy once an up has seen it in the configuration", async () => {
    const scene = await upAndRotate(configuration);
    await scene.configure(after);

    const up = await scene.stack.up();
    const run = await scene.stack.destroy();

    assert.deepEqual(up.did, ["same first", "same second"], up.output);
    assert.ok(run.succeeded, run.output);
    assert.deepEqual(scene.requests().slice(2), ["revoke 200", "revoke 200"]);
  });
});

describeOnEngine("a program that moves to another service account", [dynamic], (open) => {
  const old: Account = { clientId: "old-account", clientSecret: "the-secret-of-old" };
  const other: Account = { clientId: "other-account", clientSecret: "the-secret-of-other" };
  const clients = { [old.clientId]: old.clientSecret, [other.clientId]: other.clientSecret };
  const replaced = ["create-replacement ci", "replace ci", "delete-replaced ci"];

  async function upAndMove(from: Source, to: Source): Promise<Scene> {
    const scene = await open({ clients });
    scene.logOut();
    const run = await scene.stack.declare(oneToken, await from(scene, old)).up();
    assert.ok(run.succeeded, run.output);
    scene.stack.declare(oneToken, await to(scene, other));
    return scene;
  }

  const rows = [
    { description: "argument to argument", from: argument, to: argument },
    { description: "configuration to argument", from: configuration, to: argument },
    { description: "environment to configuration", from: environment, to: configuration },
  ];
  for (const { description, from, to } of rows) {
    it(`revokes the old token with the old account: ${description}`, async () => {
      const scene = await upAndMove(from, to);

      const run = await scene.stack.up();

      assert.deepEqual([run.succeeded, run.did, run.notes], [true, replaced, []], run.output);
      const requests = ["issue old-account 200", "issue other-account 200", "revoke old-account 200"];
      assert.deepEqual(scene.requestsByAccount(), requests);
      assert.equal((await scene.stack.state()).length, 1);
    });
  }

  it("keeps the old token until its secret is configured again, which preview and up say", async () => {
    const scene = await upAndMove(environment, environment);
    const { stack } = scene;

    const preview = await stack.preview();
    assert.deepEqual([preview.succeeded, preview.did], [true, replaced], preview.output);
    assert.match(preview.notes.join("\n"), /^ServiceAccountToken ci-\w+ .*old-account.*cannot be revoked.*$/);

    const refused = await stack.up();
    assert.deepEqual([refused.succeeded, refused.failed], [false, ["delete-replaced ci"]]);
    assert.match(refused.output, /old-account[^]*MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);
    assert.deepEqual(scene.active(), [true, true]);

    await scene.configure(other);
    scene.logIn(old);
    const run = await stack.up();
    assert.deepEqual([run.succeeded, run.did], [true, ["same ci", "delete-replaced ci"]], run.output);
    assert.deepEqual(scene.active(), [false, true]);
  });
});
