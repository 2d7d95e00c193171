import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describeOnEngine, dynamic, fails, succeeds } from "./support/fixture";
import { repository, type Program } from "./support/stack";

describeOnEngine("a package that changes under a stack", [dynamic], (open) => {
  const program: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

  it("says what to install where if it is missing, and in another version changes nothing but runs its code", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(program).up());
    const place = join(stack.folder, "node_modules", "pulumi-atlas-token");
    rmSync(place, { recursive: true });

    const refused = await fails(stack.destroy());
    assert.deepEqual([refused.failed, fixture.active()], [["delete ci"], [true]]);
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
    assert.deepEqual(fixture.active(), [false]);
  });
});
