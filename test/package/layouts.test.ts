import assert from "node:assert/strict";
import { delimiter, dirname, join } from "node:path";

import { startLocalAtlas, type LocalAtlas } from "../../examples/local-atlas";
import { fails, succeeds } from "../engine/support/fixture";
import { Stack } from "../engine/support/stack";
import { requireEngine } from "../support/engine";
import { environmentFor } from "../support/environment-for";
import { layouts, undeclared } from "./support/layouts";
import { compile, install, manifest, readManifest, type Project } from "./support/project";

describe("The package, installed in", () => {
  let atlas: LocalAtlas;
  let stack: Stack | undefined;
  const serialized = new Set<unknown>();
  beforeEach(async () => (atlas = await startLocalAtlas()));
  afterEach(async () => {
    await atlas.close();
    await stack?.close();
    stack = undefined;
  });

  async function open(context: Mocha.Context, project: Project): Promise<Stack> {
    const command = await requireEngine(context);
    let path = "";
    stack = await Stack.open(command, async (folder) => {
      path = await install(context, folder, project);
    });
    // The project's Node.js before that of this machine, which may lie beside the engine.
    const [node = "", ...others] = path.split(delimiter);
    Object.assign(stack.env, environmentFor(atlas), { PATH: [node, dirname(command), ...others].join(delimiter) });
    return stack;
  }

  for (const [description, layout] of Object.entries(layouts)) {
    it(`${description}: type-checks, issues a token and revokes it`, async function () {
      const opened = await open(this, layout);
      for (const [name, version] of Object.entries(layout.versions ?? {}))
        assert.ok(readManifest(join(opened.folder, "node_modules", name)).version.startsWith(version), name);
      if (layout.isCompiled) await compile(opened.folder, "--noEmit");

      await succeeds(opened.up());
      const [token] = (await opened.state()).filter(({ type }) => type.endsWith(":ServiceAccountToken"));
      serialized.add(token?.outputs["__provider"]);
      assert.equal(serialized.size, 1, "the text in the state differs from that of another layout");
      assert.equal(token?.outputs["accessToken"], atlas.tokens()[0]?.token);
      await succeeds(opened.destroy());
      const userAgent = `${manifest.name}/${manifest.version}`;
      const requests = atlas.log().map((entry) => `${entry.endpoint} ${entry.status} ${entry.userAgent}`);
      assert.deepEqual(requests, [`issue 200 ${userAgent}`, `revoke 200 ${userAgent}`]);
    });
  }

  it("a component library by pnpm, but not in the program: says what to install where, and issues nothing", async function () {
    const opened = await open(this, undeclared);
    const remedy = `\`npm install ${manifest.name}\` in ${join(opened.folder, "program")}`;
    for (const run of [await fails(opened.preview()), await fails(opened.up())])
      assert.ok(run.output.includes(remedy), run.output);
    assert.deepEqual(atlas.log(), []);
  });
});
