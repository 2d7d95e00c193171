import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { requireEngine } from "../support/engine";
import { describeOnEngine, plugin, skipIfFailed, succeeds } from "./support/fixture";
import { linkPackages, repository } from "./support/stack";

describeOnEngine("a program from a template", [plugin], (open) => {
  for (const template of readdirSync(join(repository, "examples/templates"))) {
    it(`issues a token and revokes it: ${template}`, async function () {
      // The packages of Python are installed first.
      this.timeout(600_000);
      const command = await requireEngine(this);
      const fixture = await open({}, (folder) => {
        const flags = ["--generate-only", "--yes", "--name", "my-program", "--description", "A token"];
        const env = { ...process.env, PULUMI_HOME: join(folder, "..", "home"), PULUMI_SKIP_UPDATE_CHECK: "true" };
        execFileSync(command, ["new", join(repository, "examples/templates", template), ...flags], {
          cwd: folder,
          env,
        });
        if (template.endsWith("-typescript")) linkPackages(folder);
      });
      const { stack } = fixture;
      if (!template.endsWith("-typescript")) {
        await stack.installPlugin();
        const { succeeded, output } = await stack.pulumi("install");
        skipIfFailed(this, succeeded, output, `the packages of ${template} could not be installed`);
      }

      await succeeds(stack.up());
      assert.deepEqual(Object.keys(await stack.outputs()).sort(), ["accessToken", "expiresAt"]);
      await succeeds(stack.destroy());
      assert.deepEqual(fixture.active(), [false]);
    });
  }
});
