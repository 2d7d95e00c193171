import assert from "node:assert/strict";

import { dynamic, plugin } from "./support/forms";
import { describeOnEngine, type Scene } from "./support/scene";
import type { Program, Run } from "./support/stack";

const oneToken: Program = ({ ServiceAccountToken, Consumer }, args: object) => {
  const { accessToken } = new ServiceAccountToken("ci", args);
  new Consumer("user", accessToken);
  return { token: accessToken };
};
const manyTokens: Program = ({ ServiceAccountToken }) => {
  for (let index = 0; index < 20; index++) new ServiceAccountToken(`ci-${index}`);
};

function release(number: number): object {
  return { keepers: { release: number } };
}

describeOnEngine("a destroy while Atlas fails", [dynamic, plugin], (open) => {
  it("keeps the token with a typed error, without a stack trace, and the next destroy revokes it", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(oneToken).up();
    const ci = (await stack.state()).find(({ name }) => name === "ci")!;
    atlas.failNext("revoke", 403);

    const refused = await stack.destroy();

    assert.deepEqual([refused.succeeded, refused.did, refused.failed], [false, ["delete user"], ["delete ci"]]);
    assert.match(refused.output, new RegExp(`error: ServiceAccountToken ${ci.id} [^]*access_denied \\(403\\)`));
    assert.match(refused.output, /still active[^]*`pulumi destroy`/);
    assert.doesNotMatch(refused.output, /^ +at .*\.js/m);
    assert.deepEqual(await stack.state(), [ci]);

    const again = await stack.destroy();
    assert.deepEqual([again.succeeded, again.did, scene.active()], [true, ["delete ci"], [false]], again.output);
  });

  it("retries what may pass, says so while it waits, and succeeds", async () => {
    const scene = await open();
    await scene.stack.declare(oneToken).up();
    scene.atlas.failNext("revoke", 503, { retryAfter: 0 });

    const run = await scene.stack.destroy();

    assert.ok(run.succeeded, run.output);
    assert.match(run.output, /1 token to revoke|to revoke 1 token/);
    assert.deepEqual(scene.requests(), ["issue 200", "revoke 503", "revoke 200"]);
  });

  for (const flags of [[], ["--continue-on-error"]]) {
    it(`leaves in the state exactly the tokens that are active, of 20 (${flags.join() || "stops at once"})`, async () => {
      const scene = await open({ requestsPerWindow: 0 });
      const { stack, atlas } = scene;
      await stack.declare(manyTokens).up();
      atlas.failNext("revoke", 403, { times: 3 });
      atlas.failNext("revoke", 400, { error: "invalid_grant", times: 2 });

      const run = await stack.destroy(...flags);

      assert.equal(run.succeeded, false);
      const left = await stack.state();
      const active = atlas.tokens().filter((token) => token.active);
      assert.deepEqual(
        left.map(({ outputs }) => outputs["accessToken"]).sort(),
        active.map(({ token }) => token).sort(),
      );
      if (flags.length > 0) assert.deepEqual([left.length, run.failed.length], [5, 5]);
      assert.ok((await stack.destroy()).succeeded);
      assert.ok(!scene.active().includes(true));
    });
  }
});

describeOnEngine("a replaced token that cannot be revoked", [dynamic], (open) => {
  /** A scene in which the token was replaced, and Atlas refused to revoke the old one. */
  async function openWithOldToken(): Promise<{ scene: Scene; run: Run }> {
    const scene = await open();
    await scene.stack.declare(oneToken, release(1)).up();
    scene.atlas.failNext("revoke", 403);
    return { scene, run: await scene.stack.declare(oneToken, release(2)).up() };
  }

  it("fails the up, which names the replacement that is in use, and the next up revokes it", async () => {
    const { scene, run } = await openWithOldToken();
    const { stack, atlas } = scene;
    const [old, fresh] = atlas.tokens();
    const state = (await stack.state()).filter(({ name }) => name === "ci");
    assert.deepEqual([run.succeeded, run.failed], [false, ["delete-replaced ci"]]);
    assert.deepEqual(
      state.map(({ outputs, delete: isOld }) => [outputs["accessToken"], isOld]),
      [
        [fresh?.token, undefined],
        [old?.token, true],
      ],
    );
    assert.match(run.output, new RegExp(`${state[1]?.id} [^]*403[^]*${state[0]?.id}[^]*\`pulumi up\``));
    assert.deepEqual((await stack.preview()).did, ["same ci", "same user", "delete-replaced ci"]);

    const again = await stack.up();
    assert.deepEqual([again.succeeded, again.did], [true, ["same ci", "same user", "delete-replaced ci"]]);
    assert.deepEqual(scene.active(), [false, true]);
    assert.deepEqual(scene.uses(), ["create: active", "update: active to active"]);
  });

  it("stays until Atlas revokes it, also when its replacement is replaced and fails in turn", async () => {
    const { scene } = await openWithOldToken();
    const { stack, atlas } = scene;
    atlas.failNext("revoke", 403);
    const refused = await stack.declare(oneToken, release(3)).up();
    assert.deepEqual([refused.succeeded, refused.failed], [false, ["delete-replaced ci"]]);

    const destroyed = await stack.destroy();

    assert.ok(destroyed.succeeded, destroyed.output);
    assert.deepEqual([await stack.state(), scene.active()], [[], [false, false, false]]);
  });
});

describeOnEngine("a token that is issued but unusable", [dynamic, plugin], (open) => {
  const unusable = { body: { access_token: "an-unusable-token", token_type: "mac", expires_in: 3600 } };

  it("is stored as incomplete when it cannot be revoked, and the next up replaces and revokes it", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    atlas.failNext("issue", 200, unusable);
    atlas.failNext("revoke", 403);

    const run = await stack.declare(oneToken).up();

    assert.deepEqual([run.succeeded, run.failed], [false, ["create ci"]]);
    const [stored] = await stack.state();
    assert.ok(stored);
    assert.deepEqual([stored.outputs["incomplete"], stored.outputs["accessToken"]], [true, "an-unusable-token"]);
    assert.ok(stored.secretOutputs.includes("accessToken"));
    assert.equal(stored.initErrors?.length, 1);
    assert.match(run.output, new RegExp(`ServiceAccountToken ${stored.id} .*mac`));
    assert.ok(!(run.output + stack.stored()).includes("an-unusable-token"));

    assert.deepEqual((await stack.refresh()).did, ["same ci"]);
    const again = await stack.up();
    assert.deepEqual(
      again.did,
      ["create-replacement ci", "replace ci", "create user", "delete-replaced ci"],
      again.output,
    );
    assert.equal(again.notes.length, 1);
    assert.deepEqual(scene.requests(), ["issue 200", "revoke 403", "issue 200", "revoke 200"]);
    assert.ok((await stack.preview("--expect-no-changes")).succeeded);
  });

  it("leaves the token that it was to replace in use, and the next up revokes both", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(oneToken, release(1)).up();
    atlas.failNext("issue", 200, unusable);
    atlas.failNext("revoke", 403);

    const failing = await stack.declare(oneToken, release(2)).up();
    assert.deepEqual([failing.succeeded, failing.failed], [false, ["create-replacement ci"]]);
    assert.equal((await stack.outputs())["token"], atlas.tokens()[0]?.token);

    const run = await stack.up();
    assert.ok(run.succeeded, run.output);
    assert.deepEqual(run.did.filter((step) => step === "delete-replaced ci").length, 2);
    assert.deepEqual(scene.active(), [false, true]);
    assert.deepEqual((await stack.outputs())["token"], atlas.tokens()[1]?.token);
  });
});
