import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { findEngine, findOrDownloadEngine } from "../../../examples/demo/find-engine";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, startScript } from "./child";

describe("the demo", () => {
  it("shows the lifecycle of a token without an engine, and says so in its first line", async function () {
    // It starts several processes and waits until its token is due.
    this.timeout(240_000);
    const { code, out, err } = await startScript(examplePath("demo", "main.ts"), [], { ENGINE: "none" }).ended;
    assert.equal(code, 0, out + err);
    assert.match(out, /^Without a Pulumi engine, the demo calls Pulumi's host of dynamic providers/);
    // The demo itself asserts what each step does.
    assert.match(out, /\n== The audit log: which tokens are not revoked\?\n[^]*\n {2}not revoked: none\n\n$/);
    // Not a terminal, so without color.
    assert.ok(!out.includes("\u001b"));
  });
});

describe("the search for a Pulumi CLI", () => {
  const { env } = process;
  const { fetch } = globalThis;
  let folder: string;
  beforeEach(async () => {
    folder = await makeTempDir();
    process.env = { ...env, PULUMI_HOME: join(folder, "home"), PULUMI_VERSION: "", PATH: "" };
  });
  afterEach(async () => {
    process.env = env;
    globalThis.fetch = fetch;
    await removeTempDir(folder);
  });

  const cli = "#!/bin/sh\necho v3.1.4\n";
  const manifest = readFileSync(require.resolve("pulumi/package.json"), "utf8");
  const cache = `home/versions/${(JSON.parse(manifest) as { version: string }).version}/bin`;
  const ofVersion = "home/versions/3.9.9/bin";

  /** What `pulumi` is in each folder, and the folder in which it is found; all but those of `home` are on the PATH. */
  const rows: [title: string, files: Record<string, string>, found: string | undefined, version?: string][] = [
    ["takes one on the path", { none: "", bin: cli }, "bin"],
    ["skips the installer of the npm package", { bin: `#!${process.execPath}\nconsole.log('v3.1.4')\n` }, undefined],
    ["skips the shim of an installed package", { "node_modules/.bin": cli }, undefined],
    ["skips one that does not run", { broken: "#!/bin/sh\nexit 1\n", bin: cli }, "bin"],
    ["skips what does not print a version", { other: "#!/bin/sh\necho a plant\n" }, undefined],
    ["takes the one in the cache of the npm package", { [cache]: cli }, cache],
    ["takes the version that PULUMI_VERSION names", { [cache]: "", [ofVersion]: cli }, ofVersion, "3.9.9"],
    ["prefers the path", { [cache]: cli, bin: cli }, "bin"],
  ];
  for (const [title, files, found, version = ""] of rows) {
    it(title, async () => {
      for (const [name, script] of Object.entries(files)) {
        await mkdir(join(folder, name), { recursive: true });
        await writeFile(join(folder, name, "pulumi"), script, { mode: 0o755 });
      }
      const onPath = Object.keys(files).filter((name) => !name.startsWith("home"));
      process.env["PATH"] = onPath.map((name) => join(folder, name)).join(delimiter);
      process.env["PULUMI_VERSION"] = version;
      const engine = await findEngine();
      const expected = found && { folder: join(folder, found), version: "3.1.4" };
      assert.deepEqual(engine && { folder: dirname(engine.command), version: engine.version }, expected);
    });
  }

  it("says so if there is no CLI and no connection to download one", async () => {
    globalThis.fetch = () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }));
    const lines: string[] = [];
    assert.equal(await findOrDownloadEngine((line) => lines.push(line)), undefined);
    assert.deepEqual(lines, ["No Pulumi CLI was found, and downloading it failed (ENOTFOUND)."]);
  });
});
