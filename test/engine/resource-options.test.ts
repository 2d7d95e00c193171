import assert from "node:assert/strict";

import type { LocalAtlasOptions } from "../../examples/local-atlas";
import { dynamic } from "./support/forms";
import { describeOnEngine, type Scene } from "./support/scene";
import type { Program } from "./support/stack";

const replaced = ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"];
const deletedFirst = ["delete-replaced ci", "replace ci", "create-replacement ci", "update user"];

interface Values {
  readonly args?: object;
  readonly options?: object;
}

const program: Program = ({ ServiceAccountToken, Consumer }, { args, options }: Values) => {
  const { accessToken } = new ServiceAccountToken("ci", args, options);
  new Consumer("user", accessToken);
  return { token: accessToken };
};

describeOnEngine("resource options and targets", [dynamic], (open) => {
  async function openWithDueToken(options: object = {}, atlasOptions: LocalAtlasOptions = {}): Promise<Scene> {
    const scene = await open(atlasOptions);
    scene.clockLagMs = 55 * 60_000;
    const run = await scene.stack.declare(program, { options }).up();
    assert.ok(run.succeeded, run.output);
    scene.clockLagMs = 0;
    return scene;
  }

  it("retainOnDelete revokes neither a replaced token nor a destroyed one", async () => {
    const scene = await openWithDueToken({ retainOnDelete: true });

    assert.ok((await scene.stack.up()).succeeded);
    assert.deepEqual((await scene.stack.destroy()).did, ["delete user", "delete ci"]);

    assert.deepEqual([await scene.stack.state(), scene.active()], [[], [true, true]]);
  });

  it("protect stops preview, up and destroy once the token is due, but not with renewBefore never", async () => {
    const scene = await openWithDueToken({ protect: true });
    const { stack } = scene;

    for (const run of [await stack.preview(), await stack.up()]) {
      assert.equal(run.succeeded, false);
      assert.match(run.output, /unable to replace resource .*::ci"\n *as it is currently marked for protection/);
      assert.equal(run.notes.length, 1, run.output);
    }
    const destroyed = await stack.destroy("--target", "**::ci", "--target-dependents");
    assert.deepEqual([destroyed.succeeded, scene.requests()], [false, ["issue 200"]]);

    stack.declare(program, { args: { renewBefore: "never" }, options: { protect: true } });
    const kept = await stack.up();
    assert.ok(kept.did.includes("update ci"), kept.output);

    const ignored = await stack.destroy("--ignore-protect");
    assert.ok(ignored.succeeded, ignored.output);
    assert.deepEqual(scene.active(), [false]);
  });

  it("deleteBeforeReplace replaces the token of an account at its token limit, and recovers from a failed issue", async () => {
    const scene = await openWithDueToken({}, { activeTokens: 1 });
    const { stack, atlas } = scene;
    const refused = await stack.up();
    assert.deepEqual([refused.succeeded, refused.failed], [false, ["create-replacement ci"]]);
    assert.match(refused.output, /Access Token limit reached[^]*`deleteBeforeReplace: true`/);

    stack.declare(program, { options: { deleteBeforeReplace: true } });
    assert.deepEqual((await stack.preview()).did, deletedFirst);
    atlas.failNext("issue", 403);
    const interrupted = await stack.up();
    assert.deepEqual([interrupted.succeeded, scene.active()], [false, [false]]);
    assert.equal((await stack.state()).find(({ name }) => name === "ci")?.pendingReplacement, true);

    assert.ok((await stack.up()).succeeded);
    assert.deepEqual(scene.active(), [false, true]);
    assert.deepEqual(scene.uses(), ["create: active", "update: inactive to active"]);
  });

  it("ignoreChanges keeps a token whose keepers changed, but not one that is due", async () => {
    const { stack } = await openWithDueToken({ ignoreChanges: ["keepers"] });
    assert.deepEqual((await stack.up()).did, replaced);
    const args = { keepers: { release: 2 } };

    const kept = await stack.declare(program, { args, options: { ignoreChanges: ["keepers"] } }).preview();
    const changed = await stack.declare(program, { args }).preview();

    assert.deepEqual([kept.did, changed.did], [["same ci", "same user"], replaced]);
  });

  it("--target leaves a dependant with a revoked token until the next full up; --target-dependents does not", async () => {
    const scene = await openWithDueToken();
    const { stack } = scene;

    const targeted = await stack.up("--target", "**::ci");
    assert.ok(targeted.succeeded && !targeted.did.includes("update user"), targeted.output);
    assert.deepEqual((await stack.up()).did, ["same ci", "update user"]);
    assert.deepEqual(scene.uses(), ["create: active", "update: inactive to active"]);

    stack.declare(program, { args: { keepers: { release: 2 } } });
    assert.deepEqual((await stack.up("--target", "**::ci", "--target-dependents")).did, replaced);
    assert.equal(scene.uses().at(-1), "update: active to active");
  });

  it("aliases keep the token of a resource that is renamed and moved into a component", async () => {
    const scene = await open();
    const { stack } = scene;
    await stack.declare(program).up();
    const before = (await stack.state()).find(({ name }) => name === "ci");

    const moved: Program = ({ pulumi, ServiceAccountToken, Consumer }) => {
      const parent = new pulumi.ComponentResource("test:index:Group", "group");
      const aliases = [{ name: "ci", parent: pulumi.rootStackResource }];
      const { accessToken } = new ServiceAccountToken("deploy", {}, { parent, aliases });
      new Consumer("user", accessToken);
    };
    const run = await stack.declare(moved).up();

    assert.deepEqual([run.succeeded, run.did], [true, ["create group", "same deploy", "same user"]], run.output);
    const after = (await stack.state()).find(({ name }) => name === "deploy");
    assert.deepEqual([after?.id, after?.outputs["accessToken"]], [before?.id, before?.outputs["accessToken"]]);
    assert.ok((await stack.destroy()).succeeded);
    assert.deepEqual(scene.requests(), ["issue 200", "revoke 200"]);
  });
});

describeOnEngine("an error hook that retries a failed create", [dynamic], (open) => {
  const withHook: Program = ({ pulumi, ServiceAccountToken }) => {
    const onError = new pulumi.ErrorHook("retry", ({ errors }) => errors.length < 2);
    new ServiceAccountToken("ci", {}, { hooks: { onError: [onError] } });
  };

  it("issues a second token after a lost response, and is warned that the first may exist", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    // Atlas issues a token, and its response gets lost on the way.
    atlas.failNext("issue", 500);

    const run = await stack.declare(withHook).up();

    assert.ok(run.succeeded, run.output);
    assert.deepEqual(scene.requests(), ["issue 500", "issue 200"]);
    assert.match(run.output, /ServiceAccountToken "?ci"?.*may have issued/);
    assert.equal((await stack.state()).length, 1);
    assert.ok((await stack.destroy("--run-program")).succeeded);
    assert.deepEqual(scene.active(), [false]);
  });
});
