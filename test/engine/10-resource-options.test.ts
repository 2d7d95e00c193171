import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import type { LocalAtlasOptions } from "../../examples/local-atlas";
import { forEachDriver } from "../support/open-stack";
import { Consumer, usesOf } from "./support/consumer";
import { useScene, type Scene } from "./support/scene";
import { actives, answers } from "./support/seen-by-atlas";
import { did, failed, notes } from "./support/steps";

/** A token of that age has five minutes left. */
const DUE = 55 * 60_000;

const replaced = ["create-replacement ci", "replace ci", "delete-replaced ci"];
const deletedFirst = ["delete-replaced ci", "replace ci", "create-replacement ci", "update user"];

function programOf({ atlas }: Scene, args: ServiceAccountTokenArgs, options: pulumi.CustomResourceOptions) {
  return () => {
    const { accessToken } = new ServiceAccountToken("ci", args, options);
    new Consumer("user", accessToken, atlas);
    return { token: accessToken };
  };
}

describe("10: resource options and targets", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function openWithDueToken(options: pulumi.CustomResourceOptions = {}, atlasOptions: LocalAtlasOptions = {}) {
      const scene = await open(atlasOptions);
      scene.clock.behind = DUE;
      const program = programOf(scene, {}, options);
      const run = await scene.stack.up(program);
      assert.ok(run.succeeded, run.output);
      scene.clock.behind = 0;
      return { ...scene, program, change: programOf.bind(undefined, scene) };
    }

    it("retainOnDelete has neither a replaced token revoked nor a destroyed one", async () => {
      const { atlas, stack, program } = await openWithDueToken({ retainOnDelete: true });

      const rotated = await stack.up(program);
      const destroyed = await stack.destroy();

      assert.deepEqual([rotated.succeeded, rotated.changes], [true, { replace: 1, update: 1 }]);
      assert.deepEqual([destroyed.succeeded, did(destroyed)], [true, ["delete user", "delete ci"]]);
      assert.deepEqual(await stack.state(), []);
      assert.deepEqual([actives(atlas), answers(atlas, "revoke")], [[true, true], []]);
    });

    it("protect stops a preview and an up once the token is due, and a destroy, before anything is done", async () => {
      const { atlas, stack, program } = await openWithDueToken({ protect: true });
      const before = await stack.state();

      const preview = await stack.preview(program);
      const up = await stack.up(program);

      for (const run of [preview, up]) {
        assert.equal(run.succeeded, false);
        assert.match(run.output, /unable to replace resource .*::ci"\n *as it is currently marked for protection/);
        assert.match(notes(run.output)[0]!, /expires at .* within renewBefore 10m: it is replaced$/);
      }
      assert.deepEqual(did(up), []);

      const destroyed = await stack.destroy({ targets: ["ci"], targetDependents: true });

      assert.deepEqual([destroyed.succeeded, failed(destroyed)], [false, ["delete ci"]]);
      assert.deepEqual(await stack.state(), before.slice(0, 1));
      assert.deepEqual([actives(atlas), answers(atlas, "revoke")], [[true], []]);
    });

    it("protect lets an up pass with a token that is kept although it is due", async () => {
      const { stack, change } = await openWithDueToken({ protect: true });

      const run = await stack.up(change({ renewBefore: "never" }, { protect: true }));

      assert.deepEqual([run.succeeded, did(run)], [true, ["update ci", "same user"]]);
    });

    it("deleteBeforeReplace has a token replaced where the account is at its cap, which is refused without it", async () => {
      const { atlas, stack, program, change } = await openWithDueToken({}, { activeTokens: 1 });

      const refused = await stack.up(program);

      assert.deepEqual([refused.succeeded, failed(refused)], [false, ["create-replacement ci"]]);
      assert.match(refused.output, /access_denied \(403\)/);
      assert.match(refused.output, /Atlas says: Access Token limit reached/);
      assert.match(refused.output, /set the resource option `deleteBeforeReplace: true`/);
      assert.deepEqual(actives(atlas), [true]);

      const deletingFirst = change({}, { deleteBeforeReplace: true });
      const preview = await stack.preview(deletingFirst);
      const run = await stack.up(deletingFirst);

      assert.deepEqual([preview.succeeded, did(preview)], [true, deletedFirst]);
      assert.deepEqual([run.succeeded, did(run)], [true, deletedFirst]);
      assert.deepEqual(actives(atlas), [false, true]);
      assert.deepEqual(usesOf(stack), ["create: active", "update: inactive to active"]);
    });

    it("deleteBeforeReplace leaves no token where none can be issued after, and the next up issues it", async () => {
      const { atlas, stack, program } = await openWithDueToken({ deleteBeforeReplace: true });
      atlas.failNext("issue", 403);

      const refused = await stack.up(program);

      assert.deepEqual([refused.succeeded, failed(refused)], [false, ["create-replacement ci"]]);
      const [ci] = await stack.state();
      assert.deepEqual([ci?.name, ci?.pendingReplacement, actives(atlas)], ["ci", true, [false]]);

      const run = await stack.up(program);

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(actives(atlas), [false, true]);
      assert.deepEqual([answers(atlas, "issue"), answers(atlas, "revoke")], [[200, 403, 200], [200]]);
      assert.deepEqual(usesOf(stack), ["create: active", "update: inactive to active"]);
    });

    it("ignoreChanges keeps a token whose keepers changed, and not one that is due", async () => {
      const { stack, program, change } = await openWithDueToken({ ignoreChanges: ["keepers"] });

      const rotated = await stack.up(program);
      const kept = await stack.preview(change({ keepers: { release: 2 } }, { ignoreChanges: ["keepers"] }));
      const missed = await stack.preview(change({ keepers: { release: 2 } }, {}));

      assert.deepEqual(rotated.changes, { replace: 1, update: 1 });
      assert.deepEqual(kept.changes, { same: 2 });
      assert.equal(missed.changes.replace, 1);
    });

    it("--target leaves a dependant with a token that is then revoked, until the next full up", async () => {
      const { atlas, stack, program } = await openWithDueToken();

      const targeted = await stack.up(program, { targets: ["ci"] });

      assert.ok(targeted.succeeded, targeted.output);
      assert.deepEqual(
        did(targeted).filter((step) => step !== "same user"),
        replaced,
      );
      assert.deepEqual(actives(atlas), [false, true]);
      const user = (await stack.state()).find(({ name }) => name === "user");
      assert.equal(user?.outputs["token"], atlas.tokens()[0]?.token);

      const full = await stack.up(program);

      assert.deepEqual([full.succeeded, did(full)], [true, ["same ci", "update user"]]);
      assert.deepEqual(usesOf(stack), ["create: active", "update: inactive to active"]);
    });

    it("--target-dependents has the dependant updated before the old token is revoked", async () => {
      const { atlas, stack, program } = await openWithDueToken();

      const run = await stack.up(program, { targets: ["ci"], targetDependents: true });

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(did(run), ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"]);
      assert.deepEqual(usesOf(stack), ["create: active", "update: active to active"]);
      assert.deepEqual(actives(atlas), [false, true]);
    });

    it("aliases keep the token of a resource that is renamed and moved into a component", async () => {
      const { atlas, stack } = await open();
      await stack.up(() => ({ token: new ServiceAccountToken("ci").accessToken }));
      const [before] = await stack.state();

      const moved = await stack.up(() => {
        const parent = new pulumi.ComponentResource("test:index:Group", "group");
        new ServiceAccountToken("deploy", {}, { parent, aliases: [{ name: "ci", parent: pulumi.rootStackResource }] });
        return undefined;
      });

      assert.deepEqual([moved.succeeded, did(moved)], [true, ["create group", "same deploy"]]);
      const after = (await stack.state()).find(({ name }) => name === "deploy");
      assert.match(after!.urn, /test:index:Group\$.*::deploy$/);
      assert.deepEqual([after?.id, after?.outputs["accessToken"]], [before?.id, before?.outputs["accessToken"]]);

      const destroyed = await stack.destroy();

      assert.deepEqual([destroyed.succeeded, did(destroyed)], [true, ["delete deploy", "delete group"]]);
      assert.deepEqual([answers(atlas, "issue"), answers(atlas, "revoke")], [[200], [200]]);
    });
  });
});
