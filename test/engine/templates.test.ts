import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { dynamic, plugin, pluginArchive, version } from "./support/forms";
import { Scene, requireEngine } from "./support/scene";
import { repository } from "./support/stack";

describe("a program from a template", function () {
  // Python's packages are installed first.
  this.timeout(600_000);
  let command: string;
  let scene: Scene | undefined;

  before(async function () {
    command = await requireEngine(this);
  });
  afterEach(async () => {
    await scene?.close();
    scene = undefined;
  });

  for (const template of readdirSync(join(repository, "templates"))) {
    it(`issues a token and revokes it: ${template}`, async function () {
      const typescript = template.endsWith("-typescript");
      scene = await Scene.open(command, typescript ? dynamic : plugin);
      const stack = await scene.openStack((folder) => {
        const flags = ["--generate-only", "--yes", "--name", "my-program", "--description", "A token"];
        const env = { ...process.env, PULUMI_HOME: join(folder, "..", "home"), PULUMI_SKIP_UPDATE_CHECK: "true" };
        execFileSync(command, ["new", join(repository, "templates", template), ...flags], { cwd: folder, env });
        if (!typescript) return;
        mkdirSync(join(folder, "node_modules"));
        symlinkSync(repository, join(folder, "node_modules", "pulumi-atlas-token"), "junction");
        symlinkSync(join(repository, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"), "junction");
      });
      if (!typescript) {
        // The version that the templates ask for.
        await stack.pulumi("plugin", "install", "resource", "atlas-token", version, "--file", pluginArchive());
        const installed = await stack.pulumi("install");
        if (!installed.succeeded && process.env["ENGINE"] !== "required") {
          console.log(`      Skipped ${template}: its packages could not be installed`);
          this.skip();
        }
        assert.ok(installed.succeeded, installed.output);
      }

      const up = await stack.up();
      assert.ok(up.succeeded, up.output);
      assert.deepEqual(Object.keys(await stack.outputs()).sort(), ["accessToken", "expiresAt"]);
      const destroy = await stack.destroy();
      assert.ok(destroy.succeeded, destroy.output);
      assert.deepEqual(scene.active(), [false]);
    });
  }
});
