import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { dynamic } from "./support/forms";
import { describeOnEngine, type Scene } from "./support/scene";
import { repository, type Program } from "./support/stack";

const program: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

describeOnEngine("a package that changes under a stack", [dynamic], (open) => {
  async function openAndUninstall(): Promise<{ scene: Scene; place: string }> {
    const scene = await open();
    assert.ok((await scene.stack.declare(program).up()).succeeded);
    const place = join(scene.stack.folder, "node_modules", "pulumi-atlas-token");
    rmSync(place, { recursive: true });
    return { scene, place };
  }

  it("has nothing to change with another version, whose code a destroy runs", async () => {
    const { scene, place } = await openAndUninstall();
    mkdirSync(place);
    cpSync(join(repository, "dist"), join(place, "dist"), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as object;
    writeFileSync(join(place, "package.json"), JSON.stringify({ ...manifest, version: "99.0.0" }));
    for (const name of ["undici", "zod"]) {
      symlinkSync(join(repository, "node_modules", name), join(dirname(place), name), "junction");
    }
    appendFileSync(
      join(place, "dist/dynamic/host.js"),
      `const original = exports.delete;
      exports.delete = (...args) => { console.error("deleted by version 99.0.0"); return original(...args); };`,
    );

    assert.ok((await scene.stack.preview("--expect-no-changes")).succeeded);
    const destroyed = await scene.stack.destroy();

    assert.match(destroyed.output, /deleted by version 99\.0\.0/);
    assert.equal(scene.atlas.log().at(-1)?.userAgent, "pulumi-atlas-token/99.0.0");
    assert.deepEqual(scene.active(), [false]);
  });

  for (const operation of ["up", "destroy"] as const) {
    it(`that is missing makes ${operation} say what to install where, and keeps the token until then`, async () => {
      const { scene, place } = await openAndUninstall();
      const { stack } = scene;
      writeFileSync(join(stack.folder, "index.js"), "");

      const refused = await stack[operation]();

      assert.deepEqual([refused.succeeded, refused.failed], [false, ["delete ci"]]);
      assert.ok(refused.output.includes(`\`npm install pulumi-atlas-token\` in ${stack.folder}`), refused.output);
      assert.doesNotMatch(refused.output, /^\s+at /m);
      assert.deepEqual([(await stack.state()).length, scene.active()], [1, [true]]);

      symlinkSync(repository, place, "junction");
      const run = await stack[operation]();
      assert.ok(run.succeeded, run.output);
      assert.deepEqual(scene.active(), [false]);
    });
  }
});
