import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { describeOnEngine, dynamic, fails, succeeds } from "./support/scene";
import { repository, type Program } from "./support/stack";

describeOnEngine("another provider whose arguments have a token that has expired", [dynamic], (open) => {
  const program: Program = ({ pulumi, ServiceAccountToken }) => {
    const { accessToken } = new ServiceAccountToken("ci");
    const provider = new (class extends pulumi.ProviderResource {})("token-user", "atlas", { accessToken });
    new (class extends pulumi.CustomResource {})("token-user:index:Thing", "thing", {}, { provider });
  };

  it("fails destroy and refresh until an up, of everything or of the token and the provider, replaced it", async () => {
    const scene = await open();
    const { stack } = scene;
    const executable = join(stack.folder, "token-user", "pulumi-resource-token-user");
    mkdirSync(dirname(executable));
    const script = join(__dirname, "support/token-user.cjs");
    writeFileSync(executable, `#!/usr/bin/env node\nrequire(${JSON.stringify(script)});\n`);
    chmodSync(executable, 0o755);
    const plugins = "plugins: { providers: [{ name: token-user, path: ./token-user }] }\n";
    appendFileSync(join(stack.folder, "Pulumi.yaml"), plugins);

    for (const flags of [[], ["--target", "**::ci", "--target", "**::atlas"]]) {
      scene.clockLagMs = 2 * 3600_000;
      await succeeds(stack.declare(program).up());
      scene.clockLagMs = 0;
      for (const running of [() => stack.destroy(), () => stack.destroy("--run-program"), () => stack.refresh()]) {
        const run = await fails(running());
        assert.equal(run.failed.at(0)?.split(" ")[1], "thing");
        assert.match(run.output, /401 Unauthorized/);
      }
      await succeeds(stack.up(...flags));
      await succeeds(stack.destroy());
      assert.deepEqual(await stack.state(), []);
    }
    assert.ok(!scene.active().includes(true));
  });
});

describeOnEngine("a package that changes under a stack", [dynamic], (open) => {
  const program: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

  it("says what to install where if it is missing, and in another version changes nothing but runs its code", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await succeeds(stack.declare(program).up());
    const place = join(stack.folder, "node_modules", "pulumi-atlas-token");
    rmSync(place, { recursive: true });

    const refused = await fails(stack.destroy());
    assert.deepEqual([refused.failed, scene.active()], [["delete ci"], [true]]);
    assert.ok(refused.output.includes(`\`npm install pulumi-atlas-token\` in ${stack.folder}`), refused.output);
    assert.doesNotMatch(refused.output, /^\s+at /m);
    assert.equal((await stack.state()).length, 1);

    mkdirSync(place);
    cpSync(join(repository, "dist"), join(place, "dist"), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as object;
    writeFileSync(join(place, "package.json"), JSON.stringify({ ...manifest, version: "99.0.0" }));
    for (const name of ["undici", "zod"])
      symlinkSync(join(repository, "node_modules", name), join(dirname(place), name), "junction");
    await succeeds(stack.preview("--expect-no-changes"));
    await succeeds(stack.destroy());
    assert.equal(atlas.log().at(-1)?.userAgent, "pulumi-atlas-token/99.0.0");
    assert.deepEqual(scene.active(), [false]);
  });
});
