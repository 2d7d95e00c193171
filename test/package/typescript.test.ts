import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentFor } from "../support/environment-for";
import { countTokens } from "./support/accounts";
import { runCommand } from "./support/command";
import { compile } from "./support/compile";
import { declare, tokenOf } from "./support/declare";
import { engineEnv, needingEngine } from "./support/engine";
import { typescriptProject } from "./support/typescript-project";
import { useLocalAtlas, useProject } from "./support/use";

describe("The package, used in TypeScript", () => {
  const project = useProject(typescriptProject);
  const atlas = useLocalAtlas();

  const resolutions: readonly { readonly name: string; readonly module: string }[] = [
    { name: "node10", module: "commonjs" },
    { name: "node16", module: "node16" },
    { name: "nodenext", module: "nodenext" },
    { name: "bundler", module: "esnext" },
  ];
  for (const { name, module } of resolutions) {
    it(`has the types of all that it exports under moduleResolution ${name}`, () =>
      compile(project(), ["--module", module, "--moduleResolution", name, "--noEmit"]));
  }

  it("has declarations that are right by themselves, without skipLibCheck", async () => {
    await compile(project(), ["--skipLibCheck", "false"]);
  });

  it("lets a user's own test replace it by mocks, wherever that runs", async () => {
    await compile(project());
    const test = join(project().folder, "bin/token.test.js");
    await runCommand(project().node, ["--test", test], { cwd: tmpdir(), env: project().env() });
  });

  describe("in an inline program of the Automation API", () => {
    it("declares a token under Pulumi's mocks", async () => {
      await compile(project());
      assert.equal(tokenOf(await declare(project(), "bin/automation.js")).name, "ci");
    });

    it("is brought up and torn down by a real engine", async function () {
      const env = await engineEnv(project(), await needingEngine(this), environmentFor(atlas()));
      await compile(project());
      await project().run(["bin/automation.js"], env);
      assert.deepEqual(countTokens(atlas()), { issued: 1, active: 0 });
    });
  });
});
