import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Run } from "../support/stack";
import { writeProgram } from "./support/program-file";
import { useScene, type Scene } from "./support/scene";
import { answers } from "./support/seen-by-atlas";
import { did, notes } from "./support/steps";

const MINUTE = 60_000;
const REPLACEMENT = ["create-replacement ci", "replace ci", "delete-replaced ci"];

function program() {
  return { token: new ServiceAccountToken("ci").accessToken };
}

function assertQuiet(run: Run): void {
  assert.deepEqual([run.succeeded, did(run), notes(run.output)], [true, ["same ci"], []]);
}

function assertNoRequestSince({ atlas }: Scene): void {
  assert.deepEqual([answers(atlas, "issue"), answers(atlas, "revoke")], [[200], []]);
}

/** What of a note is the same in every run. */
function withoutTimes(note: string): string {
  return note.replace(/ci-\w+/, "…").replace(/\S+Z \(in [^)]+\)/, "…");
}

describe("1: a stack in which nothing changed", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function openWithTokenOfAge(behind: number): Promise<Scene> {
      const scene = await open();
      scene.clock.behind = behind;
      const run = await scene.stack.up(program);
      assert.ok(run.succeeded, run.output);
      assert.deepEqual(did(run), ["create ci"]);
      scene.clock.behind = 0;
      return scene;
    }

    it("has nothing to change in a preview, also once its state was exported and imported, nor in a refresh", async () => {
      const scene = await openWithTokenOfAge(0);
      const { stack } = scene;
      const before = await stack.state();

      assertQuiet(await stack.preview(program));
      await stack.importState(await stack.exportState());
      assertQuiet(await stack.preview(program));
      assertQuiet(await stack.refresh());

      assert.deepEqual(await stack.state(), before);
      assertNoRequestSince(scene);
    });

    for (const { description, behind } of [
      { description: "is due", behind: 55 * MINUTE },
      { description: "has expired", behind: 61 * MINUTE },
    ]) {
      it(`has nothing to change in a refresh while its token ${description}, which the next preview tells all the same`, async () => {
        const scene = await openWithTokenOfAge(behind);
        const { stack } = scene;
        const before = await stack.state();

        assertQuiet(await stack.refresh());

        assert.deepEqual(await stack.state(), before);
        const preview = await stack.preview(program);
        assert.deepEqual([did(preview), notes(preview.output).length], [REPLACEMENT, 1]);
        assertNoRequestSince(scene);
      });
    }

    it("tells the reason once in preview --refresh and once in up --refresh while its token is due", async () => {
      const { stack } = await openWithTokenOfAge(55 * MINUTE);

      for (const operation of ["preview", "up"] as const) {
        const run = await stack[operation](program, { refresh: true });

        assert.ok(run.succeeded, run.output);
        assert.deepEqual(did(run), ["refresh ci", ...REPLACEMENT]);
        assert.deepEqual(notes(run.output).map(withoutTimes), [
          "ServiceAccountToken … expires at …, within renewBefore 10m: it is replaced",
        ]);
      }
    });

    if (driver.name === "engine") {
      it("passes --expect-no-changes on the command line, in a refresh also while its token is due", async () => {
        const scene = await openWithTokenOfAge(55 * MINUTE);
        await writeProgram(scene.stack);

        for (const options of [[], ["--run-program"]]) {
          const refresh = await scene.command("refresh", "--yes", "--expect-no-changes", ...options);
          assert.ok(refresh.succeeded, refresh.stdout + refresh.stderr);
          assert.deepEqual(notes(refresh.stdout + refresh.stderr), []);
        }
        assertNoRequestSince(scene);

        // It shows a preview first, as it does to a person.
        const up = await scene.command("up", "--yes", "--refresh");
        assert.ok(up.succeeded, up.stdout + up.stderr);
        const [preview = "", update = ""] = up.stdout.split(/^Updating /m);
        assert.deepEqual([notes(preview).length, notes(update).length], [1, 1]);

        const quiet = await scene.command("preview", "--expect-no-changes");
        assert.ok(quiet.succeeded, quiet.stdout + quiet.stderr);
        assert.deepEqual(notes(quiet.stdout + quiet.stderr), []);
      });
    }
  });
});
