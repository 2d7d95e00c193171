import assert from "node:assert/strict";

import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { StateResource } from "../support/stack";
import type { Account } from "./support/accounts";
import { Consumer, usesOf } from "./support/consumer";
import { useScene, type Scene } from "./support/scene";
import { actives } from "./support/seen-by-atlas";
import { did, notes } from "./support/steps";
import { useLocalAtlas } from "./support/use-local-atlas";

const first: Account = { clientId: "first-account", clientSecret: "the-first-secret" };
const second: Account = { clientId: "second-account", clientSecret: "the-second-secret" };
const rotated: Account = { ...first, clientSecret: "the-first-secret-rotated" };
const clients = {
  [first.clientId]: [first.clientSecret, rotated.clientSecret],
  [second.clientId]: second.clientSecret,
};

interface Change {
  readonly description: string;
  readonly args: ServiceAccountTokenArgs;
}

describe("3: a changed argument", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);
    const startAtlas = useLocalAtlas();

    const programOf =
      ({ atlas }: Scene, args: ServiceAccountTokenArgs = {}) =>
      () => {
        const { accessToken } = new ServiceAccountToken("ci", { ...first, ...args });
        new Consumer("user", accessToken, atlas);
        new Consumer("replaced-user", accessToken, atlas, { replaceOnChanges: ["token"] });
        return { token: accessToken };
      };

    async function openAndUp(): Promise<Scene> {
      const scene = await open({ clients });
      const run = await scene.stack.up(programOf(scene));
      assert.ok(run.succeeded, run.output);
      return scene;
    }

    const replacing: readonly Change[] = [
      { description: "keepers", args: { keepers: { release: 2 } } },
      { description: "clientId", args: second },
    ];
    for (const { description, args } of replacing) {
      it(`of ${description} has the token replaced`, async () => {
        const scene = await openAndUp();
        const { stack, atlas } = scene;
        const steps = [
          ["create-replacement ci", "replace ci"],
          ["update user", "create-replacement replaced-user", "replace replaced-user"],
          ["delete-replaced replaced-user", "delete-replaced ci"],
        ].flat();

        const preview = await stack.preview(programOf(scene, args));
        assert.deepEqual(did(preview).sort(), [...steps].sort());
        assert.match(preview.output, new RegExp(`\\+- .*ci replace +\\[diff: [^\\]]*${description}`));
        assert.deepEqual(actives(atlas), [true]);

        const up = await stack.up(programOf(scene, args));
        assert.ok(up.succeeded, up.output);
        assert.deepEqual(did(up).sort(), [...steps].sort());
        assert.equal(did(up).at(-1), "delete-replaced ci");
        assert.deepEqual(notes(up.output), []);
        assert.deepEqual(actives(atlas), [false, true]);
        assert.ok(
          usesOf(stack).every((use) => !use.includes("inactive")),
          usesOf(stack).join("\n"),
        );
        assert.deepEqual(
          atlas.log().map(({ endpoint, clientId, status }) => [endpoint, clientId, status]),
          [
            ["issue", first.clientId, 200],
            ["issue", args.clientId ?? first.clientId, 200],
            ["revoke", first.clientId, 200],
          ],
        );
      });
    }

    it("of baseUrl has the token replaced: issued at the new place, revoked at the old one", async () => {
      const scene = await openAndUp();
      const { stack, atlas } = scene;
      const other = await startAtlas({ clients });
      const program = () => {
        new ServiceAccountToken("ci", { ...first, baseUrl: other.url });
        return undefined;
      };

      const up = await stack.up(program);

      assert.ok(up.succeeded, up.output);
      assert.deepEqual(did(up).slice(0, 2), ["create-replacement ci", "replace ci"]);
      assert.deepEqual([actives(atlas), actives(other)], [[false], [true]]);
      const [ci] = await stack.state();
      assert.deepEqual([ci?.outputs.baseUrl, ci?.outputs.accessToken], [other.url, other.tokens()[0]?.token]);
      assert.ok(!(await stack.exportText()).includes(other.tokens()[0]!.token));
    });

    const inPlace = [
      // Pulumi shows no difference between two secrets.
      { description: "clientSecret", args: { clientSecret: rotated.clientSecret }, shown: "" },
      { description: "renewBefore", args: { renewBefore: "20m" }, shown: "\\[diff: ~renewBefore\\]" },
    ];
    for (const { description, args, shown } of inPlace) {
      it(`of ${description} updates in place, without a request; only the preview thinks that dependants change`, async () => {
        const scene = await openAndUp();
        const { stack, atlas } = scene;
        const before = byName(await stack.state());

        // Pulumi cannot know that an update leaves the outputs alone: what depends on one is shown as changing, even as
        // replaced where a change replaces it.
        const preview = await stack.preview(programOf(scene, args));
        assert.match(preview.output, new RegExp(`^ ~ +\\S+:ServiceAccountToken ci update *${shown}$`, "m"));
        assert.match(preview.output, /^ ~ +\S+:Consumer user update +\[diff: ~token\]$/m);
        assert.match(preview.output, /^ \+- +\S+:Consumer replaced-user replace +\[diff: ~token\]$/m);

        const up = await stack.up(programOf(scene, args));
        assert.ok(up.succeeded, up.output);
        assert.deepEqual(did(up).sort(), ["same replaced-user", "same user", "update ci"]);
        assert.equal(atlas.log().length, 1);
        assert.deepEqual(usesOf(stack), ["create: active", "create: active"]);
        const after = byName(await stack.state());
        assert.deepEqual([after.ci?.id, after.ci?.outputs], [before.ci?.id, { ...before.ci?.outputs, ...args }]);
        assert.deepEqual(after.ci?.secretInputs, ["clientSecret"]);
        assert.deepEqual([...after.ci.secretOutputs].sort(), ["accessToken", "clientSecret"]);
        assert.deepEqual({ ...after, ci: before.ci }, before);
      });
    }

    it("of clientSecret is what destroy revokes with", async () => {
      const scene = await openAndUp();
      const { stack, atlas } = scene;
      await stack.up(programOf(scene, rotated));
      atlas.setSecrets(first.clientId, [rotated.clientSecret]);

      const run = await stack.destroy();

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(
        atlas.log().map(({ status }) => status),
        [200, 200],
      );
      assert.deepEqual(actives(atlas), [false]);
    });
  });
});

function byName(resources: readonly StateResource[]): Readonly<Record<string, StateResource>> {
  return Object.fromEntries(resources.map((resource) => [resource.name, resource]));
}
