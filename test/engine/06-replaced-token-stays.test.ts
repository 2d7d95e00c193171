import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Run } from "../support/stack";
import { Consumer, usesOf } from "./support/consumer";
import { useScene, type Scene } from "./support/scene";
import { actives, answers } from "./support/seen-by-atlas";
import { did, failed } from "./support/steps";

function programOf({ atlas }: Scene, release: number) {
  return () => {
    const { accessToken } = new ServiceAccountToken("ci", { keepers: { release } });
    new Consumer("user", accessToken, atlas);
    return { token: accessToken };
  };
}

describe("6: a replaced token that cannot be revoked", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    /** A scene in which the token was replaced, and Atlas refused to revoke the old one. */
    async function openWithLeftover(): Promise<{ scene: Scene; run: Run }> {
      const scene = await open();
      const { stack, atlas } = scene;
      assert.ok((await stack.up(programOf(scene, 1))).succeeded);
      atlas.failNext("revoke", 403);
      return { scene, run: await stack.up(programOf(scene, 2)) };
    }

    it("fails the up, which says that the new token is in use; the next up revokes it", async () => {
      const { scene, run } = await openWithLeftover();
      const { stack, atlas } = scene;

      assert.equal(run.succeeded, false);
      assert.deepEqual(did(run), ["create-replacement ci", "replace ci", "update user"]);
      assert.deepEqual(failed(run), ["delete-replaced ci"]);
      const [old, fresh] = atlas.tokens();
      assert.equal(run.outputs.token, fresh?.token);
      const state = await stack.state();
      assert.deepEqual(
        state.map(({ name, outputs, delete: left }) => [name, outputs.accessToken ?? outputs.token, left]),
        [
          ["ci", fresh?.token, undefined],
          ["user", fresh?.token, undefined],
          ["ci", old?.token, true],
        ],
      );
      assert.match(
        run.output,
        new RegExp(
          `error: ServiceAccountToken ${state[2]?.id} was not revoked: access_denied \\(403\\)[^]*` +
            `The token is still active; .* Its replacement ${state[0]?.id} is issued and in use\\.\\n[^]*` +
            "Next: .*run `pulumi up` again",
        ),
      );

      const preview = await stack.preview(programOf(scene, 2));
      assert.deepEqual(did(preview), ["same ci", "same user", "delete-replaced ci"]);

      const again = await stack.up(programOf(scene, 2));
      assert.ok(again.succeeded, again.output);
      assert.deepEqual(did(again), ["same ci", "same user", "delete-replaced ci"]);
      assert.equal((await stack.state()).length, 2);
      assert.deepEqual(
        [answers(atlas, "issue"), answers(atlas, "revoke")],
        [
          [200, 200],
          [403, 200],
        ],
      );
      assert.deepEqual(actives(atlas), [false, true]);
      assert.deepEqual(usesOf(stack), ["create: active", "update: active to active"]);
    });

    it("is revoked by a destroy together with its replacement", async () => {
      const { scene } = await openWithLeftover();
      const { stack, atlas } = scene;

      const run = await stack.destroy();

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(did(run).sort(), ["delete ci", "delete user", "delete-replaced ci"]);
      assert.deepEqual(await stack.state(), []);
      assert.deepEqual(actives(atlas), [false, false]);
    });

    it("stays until Atlas revokes it, while its replacement is replaced in its turn", async () => {
      const { scene } = await openWithLeftover();
      const { stack, atlas } = scene;
      atlas.failNext("revoke", 403);

      const refused = await stack.up(programOf(scene, 3));

      assert.equal(refused.succeeded, false);
      assert.deepEqual(failed(refused), ["delete-replaced ci"]);
      const left = (await stack.state()).filter(({ name }) => name === "ci");
      const alive = atlas.tokens().filter(({ active }) => active);
      assert.deepEqual(left.map(({ outputs }) => outputs.accessToken).sort(), alive.map(({ token }) => token).sort());

      const again = await stack.up(programOf(scene, 3));

      assert.ok(again.succeeded, again.output);
      assert.deepEqual(actives(atlas), [false, false, true]);
    });
  });
});
