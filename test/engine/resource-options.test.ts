import assert from "node:assert/strict";

import { describeOnEngine, dynamic, fails, succeeds } from "./support/fixture";
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
};

const moved: Program = ({ pulumi, ServiceAccountToken, Consumer }, options: object) => {
  const parent = new pulumi.ComponentResource("test:index:Group", "group");
  const aliases = [{ name: "ci", parent: pulumi.rootStackResource }];
  const { accessToken } = new ServiceAccountToken("deploy", {}, { parent, aliases, ...options });
  new Consumer("user", accessToken);
};

describeOnEngine("resource options and targets", [dynamic], (open) => {
  it("protect, deleteBeforeReplace and --target act on a due token as on any resource", async () => {
    const fixture = await open({ activeTokens: 1 });
    const { stack, atlas } = fixture;
    fixture.clockLagMs = 55 * 60_000;
    await succeeds(stack.declare(program, { options: { protect: true } }).up());
    fixture.clockLagMs = 0;

    for (const run of [await fails(stack.preview()), await fails(stack.up())]) {
      assert.match(run.output, /unable to replace resource .*::ci"\n *as it is currently marked for protection/);
      assert.equal(run.notes.length, 1, run.output);
    }
    await fails(stack.destroy("--target", "**::ci", "--target-dependents"));
    stack.declare(program, { args: { renewBefore: "never" }, options: { protect: true } });
    assert.deepEqual((await succeeds(stack.up())).did, ["update ci", "create user"]);

    const atLimit = await fails(stack.declare(program).up());
    assert.deepEqual(atLimit.failed, ["create-replacement ci"]);
    assert.match(atLimit.output, /Access Token limit reached[^]*`deleteBeforeReplace: true`/);
    stack.declare(program, { options: { deleteBeforeReplace: true } });
    assert.deepEqual((await succeeds(stack.preview())).did, deletedFirst);
    atlas.failNext("issue", 403);
    await fails(stack.up());
    assert.deepEqual(fixture.active(), [false]);
    assert.equal((await stack.state()).find(({ name }) => name === "ci")?.pendingReplacement, true);
    const targeted = await succeeds(stack.up("--target", "**::ci"));
    assert.ok(!targeted.did.includes("update user"), targeted.output);
    assert.deepEqual((await succeeds(stack.up())).did, ["same ci", "update user"]);
    assert.equal(fixture.uses().at(-1), "update: inactive to active");
  });

  it("ignoreChanges, --target-dependents, aliases and retainOnDelete keep the tokens that they should", async () => {
    const fixture = await open();
    const { stack } = fixture;
    await succeeds(stack.declare(program).up());

    const args = { keepers: { release: 2 } };
    stack.declare(program, { args, options: { ignoreChanges: ["keepers"] } });
    assert.deepEqual((await stack.preview()).did, ["same ci", "same user"]);
    stack.declare(program, { args });
    assert.deepEqual((await succeeds(stack.up("--target", "**::ci", "--target-dependents"))).did, replaced);
    assert.deepEqual(fixture.uses(), ["create: active", "update: active to active"]);

    stack.declare(moved, { ignoreChanges: ["keepers"], retainOnDelete: true });
    const { did } = await succeeds(stack.up());
    assert.ok(did.includes("same deploy") && did.includes("same user"), did.join());
    assert.equal((await stack.state()).find(({ name }) => name === "deploy")?.id?.slice(0, 3), "ci-");

    await succeeds(stack.destroy());
    assert.deepEqual([await stack.state(), fixture.active()], [[], [false, true]]);
  });
});
