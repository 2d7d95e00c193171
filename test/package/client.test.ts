import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { environmentFor } from "../support/environment-for";
import { countTokens } from "./support/accounts";
import type { CommandFailure } from "./support/command";
import { compile } from "./support/compile";
import { clientProject } from "./support/client-project";
import { manifest } from "./support/repository";
import { useLocalAtlas, useProject } from "./support/use";

describe("The client, installed without @pulumi/pulumi", () => {
  const project = useProject(clientProject);
  const atlas = useLocalAtlas();

  it("does not bring Pulumi along", () => {
    assert.equal(existsSync(join(project().root, "node_modules/@pulumi")), false);
  });

  it("type-checks, its own declarations and all that they need included", () => compile(project()));

  for (const script of ["bin/client.js", "client.mjs"]) {
    it(`issues a token and revokes it in ${script}`, async () => {
      const { stdout, stderr } = await project().run([script], environmentFor(atlas()));
      assert.deepEqual({ stdout, stderr }, { stdout: "", stderr: "" });
      assert.deepEqual(countTokens(atlas()), { issued: 1, active: 0 });
      assert.deepEqual(
        atlas()
          .log()
          .map(({ endpoint, status }) => [endpoint, status]),
        [
          ["issue", 200],
          ["revoke", 200],
        ],
      );
    });
  }

  it("leaves it to Node.js to say that the resource needs @pulumi/pulumi", async () => {
    await assert.rejects(project().run(["-e", `require("${manifest.name}")`]), ({ output }: CommandFailure) =>
      output.includes("Error: Cannot find module '@pulumi/pulumi'"),
    );
  });
});
