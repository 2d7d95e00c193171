import assert from "node:assert/strict";
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Stack } from "../support/stack";
import { useScene } from "./support/scene";
import { actives } from "./support/seen-by-atlas";
import { did, failed } from "./support/steps";

const repository = dirname(dirname(__dirname));
const OTHER_VERSION = "99.0.0";

const program = () => ({ token: new ServiceAccountToken("ci").accessToken });
const emptyProgram = () => undefined;

function placeIn(stack: Stack): string {
  return join(stack.folder, "node_modules", "pulumi-atlas-token");
}

async function uninstall(stack: Stack): Promise<void> {
  await rm(placeIn(stack), { recursive: true });
}

async function reinstall(stack: Stack): Promise<void> {
  await symlink(repository, placeIn(stack), "junction");
}

/** Puts another version in the place of the package, which says so when it deletes. */
async function upgrade(stack: Stack): Promise<void> {
  const place = placeIn(stack);
  await uninstall(stack);
  await mkdir(place);
  await cp(join(repository, "dist"), join(place, "dist"), { recursive: true });
  const manifest = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as object;
  await writeFile(join(place, "package.json"), JSON.stringify({ ...manifest, version: OTHER_VERSION }));
  for (const name of ["undici", "zod"]) {
    await symlink(join(repository, "node_modules", name), join(dirname(place), name), "junction");
  }
  await appendFile(
    join(place, "dist", "host.js"),
    `\nconst original = exports.delete;
    exports.delete = (...args) => { console.error("deleted by version ${OTHER_VERSION}"); return original(...args); };\n`,
  );
}

describe("13: the package changes under a stack", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function openAndUp() {
      const scene = await open();
      const run = await scene.stack.up(program);
      assert.ok(run.succeeded, run.output);
      return scene;
    }

    it("has nothing to change with another version, whose code a destroy runs", async () => {
      const { atlas, stack } = await openAndUp();
      await upgrade(stack);

      const preview = await stack.preview(program);
      const destroyed = await stack.destroy();

      assert.deepEqual([preview.succeeded, did(preview)], [true, ["same ci"]], preview.output);
      assert.deepEqual([destroyed.succeeded, did(destroyed)], [true, ["delete ci"]]);
      assert.match(destroyed.output, /deleted by version 99\.0\.0/);
      assert.equal(atlas.log().at(-1)?.userAgent, `pulumi-atlas-token/${OTHER_VERSION}`);
      assert.deepEqual(actives(atlas), [false]);
    });

    const rows = [
      { description: "an up whose program has lost the resource", operate: (stack: Stack) => stack.up(emptyProgram) },
      { description: "a destroy", operate: (stack: Stack) => stack.destroy() },
    ];
    for (const { description, operate } of rows) {
      it(`tells in ${description} what to install where, keeps the token, and revokes it after that`, async () => {
        const { atlas, stack } = await openAndUp();
        await uninstall(stack);

        const refused = await operate(stack);

        assert.deepEqual([refused.succeeded, failed(refused)], [false, ["delete ci"]]);
        assert.match(
          refused.output,
          /error: pulumi-atlas-token cannot be loaded: run `npm install pulumi-atlas-token` in /,
        );
        assert.ok(refused.output.includes(stack.folder));
        assert.doesNotMatch(refused.output, /^\s+at /m);
        assert.deepEqual([(await stack.state()).length, actives(atlas)], [1, [true]]);

        await reinstall(stack);
        const run = await operate(stack);

        assert.ok(run.succeeded, run.output);
        assert.deepEqual([await stack.state(), actives(atlas)], [[], [false]]);
      });
    }
  });
});
