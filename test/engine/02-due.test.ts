import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import { Consumer, usesOf } from "./support/consumer";
import { writeProgram } from "./support/program-file";
import { useScene, type Scene } from "./support/scene";
import { actives } from "./support/seen-by-atlas";
import { did, failed, notes } from "./support/steps";

const MINUTE = 60_000;

const rows = [
  {
    description: "expires within renewBefore",
    behind: 55 * MINUTE,
    note: /^ServiceAccountToken ci-\w+ expires at \S+Z \(in 5 min\), within renewBefore 10m: it is replaced$/,
    uses: ["create: active", "update: active to active"],
    requests: ["issue 200", "issue 200", "revoke 200"],
  },
  {
    description: "has expired",
    behind: 62 * MINUTE,
    note: /^ServiceAccountToken ci-\w+ expired at \S+Z \(2 min ago\) and is replaced \(renewBefore 10m\)$/,
    uses: ["create: active", "update: inactive to active"],
    requests: ["issue 200", "issue 200", "revoke 200"],
  },
  {
    description: "expired so long ago that no clock can doubt it",
    behind: 70 * MINUTE,
    note: /^ServiceAccountToken ci-\w+ expired at \S+Z \(10 min ago\) and is replaced \(renewBefore 10m\)$/,
    uses: ["create: active", "update: inactive to active"],
    requests: ["issue 200", "issue 200"],
  },
];
const [within] = rows as [(typeof rows)[number]];

/** A replacement: dependants have the new token before the old one is revoked. */
const inOrder = ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"];

function programOf({ atlas }: Scene) {
  return () => {
    const { accessToken } = new ServiceAccountToken("ci");
    new Consumer("user", accessToken, atlas);
    return { token: accessToken };
  };
}

function requests({ atlas }: Scene): string[] {
  return atlas.log().map(({ endpoint, status }) => `${endpoint} ${status}`);
}

describe("2: a token that is due", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function openWithDueToken({ behind } = within): Promise<Scene> {
      const scene = await open();
      scene.clock.behind = behind;
      const run = await scene.stack.up(programOf(scene));
      assert.ok(run.succeeded, run.output);
      scene.clock.behind = 0;
      return scene;
    }

    for (const row of rows) {
      it(`is shown as a replacement with its reason, and replaced before it is revoked, where it ${row.description}`, async () => {
        const scene = await openWithDueToken(row);
        const { stack, atlas } = scene;
        const before = await stack.state();

        const preview = await stack.preview(programOf(scene));

        assert.ok(preview.succeeded, preview.output);
        assert.deepEqual([did(preview), notes(preview.output).length], [inOrder, 1]);
        assert.match(notes(preview.output)[0]!, row.note);
        assert.match(
          preview.output,
          /Diagnostics:\n +pulumi:pulumi:Stack \(scenario-test\):\n +ServiceAccountToken ci-/,
        );
        assert.deepEqual(requests(scene), ["issue 200"]);
        assert.deepEqual(await stack.state(), before);

        const up = await stack.up(programOf(scene));

        assert.ok(up.succeeded, up.output);
        assert.deepEqual([did(up), notes(up.output).length], [inOrder, 1]);
        assert.match(notes(up.output)[0]!, row.note);
        assert.deepEqual(requests(scene), row.requests);
        assert.deepEqual(usesOf(stack), row.uses);
        assert.deepEqual(actives(atlas), [false, true]);
        const token = atlas.tokens()[1]?.token;
        const [ci, user] = await stack.state();
        assert.deepEqual([up.outputs.token, ci?.outputs.accessToken, user?.outputs.token], [token, token, token]);
        assert.ok(ci?.secretOutputs.includes("accessToken"));
        assert.deepEqual(did(await stack.preview(programOf(scene))), ["same ci", "same user"]);
      });
    }

    it("stays in use where no new one can be issued, and is replaced by the next up", async () => {
      const scene = await openWithDueToken();
      const { stack, atlas } = scene;
      const before = await stack.state();
      atlas.failNext("issue", 403, {
        body: { error: "access_denied", error_description: "Access Token limit reached" },
      });

      const refused = await stack.up(programOf(scene));

      assert.equal(refused.succeeded, false);
      assert.deepEqual([did(refused), failed(refused)], [[], ["create-replacement ci"]]);
      assert.match(refused.output, /ServiceAccountToken "ci": no token was issued: access_denied \(403\)/);
      assert.match(refused.output, /Atlas says: Access Token limit reached/);
      assert.match(refused.output, /`deleteBeforeReplace: true`/);
      assert.deepEqual(await stack.state(), before);
      assert.deepEqual(actives(atlas), [true]);

      const again = await stack.up(programOf(scene));

      assert.deepEqual([again.succeeded, did(again)], [true, inOrder]);
      assert.deepEqual(usesOf(stack), within.uses);
      assert.deepEqual(actives(atlas), [false, true]);
    });

    it("outlives its dependant when both are destroyed", async () => {
      const scene = await openWithDueToken();

      const run = await scene.stack.destroy();

      assert.deepEqual([run.succeeded, did(run)], [true, ["delete user", "delete ci"]]);
      assert.deepEqual(usesOf(scene.stack), ["create: active", "delete: active"]);
      assert.deepEqual(actives(scene.atlas), [false]);
    });

    if (driver.name === "engine") {
      it("is shown with its reason in the plain, the --diff and the --json form of the CLI's preview", async () => {
        const scene = await open();
        const { stack, clock, command } = scene;
        clock.behind = within.behind;
        await writeProgram(stack);
        assert.ok((await command("up", "--yes")).succeeded);
        clock.behind = 0;

        const plain = await command("preview");
        assert.match(plain.stdout, /^ \+- .*ServiceAccountToken ci replace *$/m);
        assert.match(plain.stdout, /^Diagnostics:$/m);
        assert.match(notes(plain.stdout)[0]!, within.note);

        const diff = await command("preview", "--diff");
        assert.match(diff.stdout, /^ +\+-pulumi-nodejs:dynamic\/mongodbatlas:ServiceAccountToken: \(replace\)$/m);
        assert.match(diff.stdout, /- expiresAt/);
        // Where its standard output holds the differences alone, the CLI puts what was printed on the other.
        assert.match(notes(diff.stderr)[0]!, within.note);

        const json = JSON.parse((await command("preview", "--json")).stdout) as JsonPreview;
        const step = json.steps.find(({ urn }) => urn.endsWith("::ci"));
        assert.deepEqual([step?.op, step?.replaceReasons], ["replace", ["expiresAt"]]);
        assert.equal(json.diagnostics.length, 1);
        assert.match(json.diagnostics[0]!.message.trim(), within.note);

        assert.deepEqual(requests(scene), ["issue 200"]);
      });
    }
  });
});

interface JsonPreview {
  readonly steps: readonly { readonly op: string; readonly urn: string; readonly replaceReasons?: readonly string[] }[];
  readonly diagnostics: readonly { readonly message: string }[];
}
