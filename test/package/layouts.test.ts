import assert from "node:assert/strict";
import { join } from "node:path";
import { environmentFor } from "../support/environment-for";
import { configFor, countTokens } from "./support/accounts";
import { compile } from "./support/compile";
import { declare, tokenOf, type Declared } from "./support/declare";
import { needingEngine, pulumiIn } from "./support/engine";
import { withInstalledHost } from "./support/installed-host";
import { layouts } from "./support/layouts";
import { manifest, readManifest } from "./support/repository";
import { useLocalAtlas, useProject } from "./support/use";

describe("The package, installed in", () => {
  const serialized = new Set<unknown>();

  for (const layout of layouts) {
    describe(layout.description, () => {
      const project = useProject(layout);
      const atlas = useLocalAtlas();
      let declared: Declared;

      for (const [name, suits] of Object.entries(layout.versions ?? {})) {
        it(`has ${name} in the version meant`, () => {
          const { version } = readManifest(join(project().root, "node_modules", name));
          assert.ok(suits(version), version);
        });
      }

      if (layout.compiler === "tsc") it("type-checks", () => compile(project()));

      it("declares a token under Pulumi's mocks", async () => {
        const flags = layout.compiler === "pulumi" ? ["--require", "./pulumi-typescript.cjs"] : [];
        const program = { tsc: "bin/index.js", pulumi: "index.ts", none: "index.js" }[layout.compiler];
        declared = await declare(project(), program, flags);
        const { name, inputs } = tokenOf(declared);
        assert.equal(name, "ci");
        assert.equal(inputs["renewBefore"], "10m");
        assert.equal(declared.outputs["accessToken"], "the token of the mocks");
        serialized.add(inputs["__provider"]);
      });

      it("issues the token in Pulumi's provider host, then revokes it", async () => {
        const { inputs: news } = tokenOf(declared);
        await withInstalledHost(project(), configFor(atlas()), async (host) => {
          const { inputs, failures } = await host.check({}, news);
          assert.deepEqual(failures, []);
          const { id, outs } = await host.create(inputs);
          assert.deepEqual(countTokens(atlas()), { issued: 1, active: 1 });
          assert.equal(outs["accessToken"], atlas().tokens()[0]!.token);
          await host.delete(id, outs);
        });
        assert.deepEqual(countTokens(atlas()), { issued: 1, active: 0 });
        const userAgent = `${manifest.name}/${manifest.version}`;
        assert.deepEqual(
          atlas()
            .log()
            .map((entry) => [entry.endpoint, entry.status, entry.userAgent]),
          [
            ["issue", 200, userAgent],
            ["revoke", 200, userAgent],
          ],
        );
      });

      it("is brought up and torn down by a real engine", async function () {
        const pulumi = await pulumiIn(project(), await needingEngine(this), environmentFor(atlas()));
        await pulumi("stack", "init", "test");
        await pulumi("up", "--yes", "--skip-preview");
        assert.deepEqual(countTokens(atlas()), { issued: 1, active: 1 });
        await pulumi("destroy", "--yes", "--skip-preview");
        assert.deepEqual(countTokens(atlas()), { issued: 1, active: 0 });
      });
    });
  }

  describe("all of these", () => {
    it("is serialized to the same text, so that no state changes with the toolchain", function () {
      if (serialized.size === 0) this.skip();
      assert.equal(serialized.size, 1);
    });
  });
});
