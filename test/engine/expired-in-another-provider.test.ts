import assert from "node:assert/strict";
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dynamic } from "./support/forms";
import { describeOnEngine, type Scene } from "./support/scene";
import type { Program } from "./support/stack";

const program: Program = ({ pulumi, ServiceAccountToken }) => {
  const { accessToken } = new ServiceAccountToken("ci");
  const provider = new (class extends pulumi.ProviderResource {})("token-user", "atlas", { accessToken });
  new (class extends pulumi.CustomResource {})("token-user:index:Thing", "thing", {}, { provider });
};

describeOnEngine("a token in another provider's arguments, after it has expired", [dynamic], (open) => {
  async function openExpired(): Promise<Scene> {
    const scene = await open();
    const folder = join(scene.stack.folder, "token-user");
    const executable = join(folder, "pulumi-resource-token-user");
    mkdirSync(folder);
    writeFileSync(
      executable,
      `#!/usr/bin/env node\nrequire(${JSON.stringify(join(__dirname, "support/token-user.cjs"))});\n`,
    );
    chmodSync(executable, 0o755);
    const project = join(scene.stack.folder, "Pulumi.yaml");
    appendFileSync(project, "plugins: { providers: [{ name: token-user, path: ./token-user }] }\n");
    scene.clockLagMs = 2 * 3600_000;
    const up = await scene.stack.declare(program).up();
    assert.ok(up.succeeded, up.output);
    scene.clockLagMs = 0;
    return scene;
  }

  it("makes destroy and refresh fail", async () => {
    const { stack } = await openExpired();

    for (const run of [await stack.destroy(), await stack.destroy("--run-program"), await stack.refresh()]) {
      assert.deepEqual([run.succeeded, run.failed.at(0)?.split(" ")[1]], [false, "thing"], run.output);
      assert.match(run.output, /401 Unauthorized/);
    }
  });

  for (const flags of [[], ["--target", "**::ci", "--target", "**::atlas"]]) {
    it(`is replaced by an up, after which the destroy succeeds: up ${flags.join(" ")}`.trim(), async () => {
      const scene = await openExpired();

      const up = await scene.stack.up(...flags);
      const destroy = await scene.stack.destroy();

      assert.ok(up.succeeded, up.output);
      assert.ok(destroy.succeeded, destroy.output);
      assert.deepEqual([scene.active(), await scene.stack.state()], [[false, false], []]);
    });
  }
});
