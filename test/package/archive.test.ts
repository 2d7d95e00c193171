import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { startLocalAtlas } from "../../examples/local-atlas";
import { environmentFor } from "../support/environment-for";
import { pluginArchive } from "../support/plugin-archive";
import { ProviderHost } from "../support/provider-host";
import { reveal } from "../support/values";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { manifest, repository, run } from "./support/project";
import { skip } from "../support/skip";

const isWindows = process.platform === "win32";
const TYPE = "atlas-token:index:ServiceAccountToken";

describe("The archive of the plugin", () => {
  let folder = "";
  let hasShim = false;
  let executable = "";
  /** Nothing, unless it needs Node.js. */
  let env: Record<string, string> = {};

  before(async () => {
    folder = join(await makeTempDir(), "a folder");
    mkdirSync(folder);
    // Copied, since GNU tar takes the colon of a Windows path for that of a remote host.
    copyFileSync(pluginArchive(), join(folder, "..", "archive.tar.gz"));
    await run("tar", ["-xzf", "../archive.tar.gz"], folder);
    hasShim = existsSync(join(folder, "start.js"));
    executable = join(folder, `pulumi-resource-atlas-token${isWindows ? (hasShim ? ".cmd" : ".exe") : ""}`);
    if (hasShim) env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    console.log(`    with ${hasShim ? "the shim, since there is no executable" : "the executable"}`);
  });
  after(() => removeTempDir(dirname(folder)));

  it("contains an executable that tells its version", () => {
    const { stdout } = spawnSync(executable, ["--version"], { env, encoding: "utf8", shell: isWindows && hasShim });
    assert.equal(stdout, `${manifest.version}\n`);
  });

  it("contains an executable that ignores what NODE_OPTIONS says to other programs", function () {
    if (hasShim) skip(this, "the archive has the shim");
    const { stdout } = spawnSync(executable, ["--version"], { env: { NODE_OPTIONS: "--require ./none" } });
    assert.equal(String(stdout), `${manifest.version}\n`);
  });

  it("issues a token and revokes it, started through a link and with an empty environment", async () => {
    const atlas = await startLocalAtlas();
    const link = join(dirname(folder), "link");
    // A link needs a privilege on Windows.
    if (!isWindows) symlinkSync(executable, link);
    const [cwd, options] = [dirname(folder), { env: { ...env, ...environmentFor(atlas) } }];
    const host = new ProviderHost(spawn(isWindows ? executable : link, [], { cwd, ...options }));
    try {
      await host.connect();
      const urn = `urn:pulumi:stack::project::${TYPE}::ci`;
      const { inputs } = await host.check({}, { renewBefore: "5m" }, { urn });
      const { id, outs } = await host.create(inputs, { urn });
      assert.equal(reveal(outs)["accessToken"], atlas.tokens()[0]?.token);
      await host.delete(id, outs, { urn });
      assert.deepEqual(
        atlas.tokens().map(({ active }) => active),
        [false],
      );
    } finally {
      await host.close();
      await atlas.close();
    }
  });

  it("names all that is inside in the licenses and in the bill of materials", () => {
    const licenses = readFileSync(join(folder, "THIRD_PARTY_LICENSES"), "utf8");
    const { components } = JSON.parse(readFileSync(join(folder, "sbom.cdx.json"), "utf8")) as {
      components: { name: string; version: string }[];
    };
    const inside = ["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "undici"];
    for (const name of [...inside, ...(hasShim ? [] : ["Node.js"])]) {
      const version = components.find((component) => component.name === name)?.version;
      assert.ok(licenses.includes(`\n${name} ${version}`) || licenses.startsWith(`${name} ${version}`), name);
    }
  });
});

describe("Making the executable", () => {
  const module = pathToFileURL(join(repository, "provider", "plugin", "executable.mjs")).href;
  let folder = "";
  beforeEach(async () => (folder = await makeTempDir()));
  afterEach(() => removeTempDir(folder));

  for (const [reason, npm, expected] of [
    ["fails if the registry sends something else", "fs.writeFileSync(NAME, '')", /^Error: .* is not what .* expects$/m],
    [
      "is left to the shim if the registry cannot be reached",
      "throw 'npm error code ENOTFOUND'",
      /Unavailable.*ENOTFOUND/,
    ],
  ] as const) {
    it(reason, async () => {
      const script = join(folder, "npm.cjs");
      const name = "process.argv[3].replace('@', '-') + '.tgz'";
      writeFileSync(script, `const fs = require("fs"); ${npm.replace("NAME", name)};`);
      const make = `import { makeExecutable } from "${module}"; makeExecutable("script", "output");`;
      const made = run(process.execPath, ["--input-type=module", "-e", make], folder, { npm_execpath: script });
      await assert.rejects(made, (error: Error) => expected.test(error.message));
    });
  }
});
