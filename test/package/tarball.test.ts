import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { readManifest, repository, run, tarball } from "./support/project";

/** The executable of the packaged provider, with its bundle. */
const plugin = [
  ...["LICENSE", "THIRD_PARTY_LICENSES", "plugin.js", "sbom.cdx.json", "schema.json", "start.js"],
  ...["pulumi-resource-atlas-token", "pulumi-resource-atlas-token.cmd"],
];

/** What a user downloads, and what it takes on disk, in bytes. */
const LARGEST = { tarball: 560_000, unpacked: 2_600_000 };

describe("The tarball", () => {
  let folder: string;
  let unpacked: string;

  before(async () => {
    folder = await makeTempDir();
    await run("tar", ["-xzf", await tarball()], folder);
    unpacked = join(folder, "package");
  });
  after(() => removeTempDir(folder));

  it("holds the words for its users and what was compiled of the sources, nothing else", () => {
    const compiled = filesOf(join(repository, "provider"))
      .filter((path) => extname(path) === ".ts" && !path.startsWith("plugin"))
      .map((path) => join("dist", path.slice(0, -".ts".length)));
    assert.deepEqual(
      filesOf(unpacked),
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "package.json",
        ...compiled.flatMap((path) => [`${path}.js`, `${path}.d.ts`]),
        ...plugin.map((path) => join("dist", "plugin", path)),
      ].sort(),
    );
  });

  it("runs nothing when it is installed, and has nothing that npm warns of", () => {
    const scripts = Object.keys(readManifest(unpacked).scripts);
    const harmful = ["preinstall", "install", "postinstall", "prepare"].filter((name) => scripts.includes(name));
    assert.deepEqual(harmful, []);
  });

  it("has a plugin that starts with Node.js alone and prints its port", async () => {
    const child = spawn(join(unpacked, "dist/plugin/pulumi-resource-atlas-token"), ["127.0.0.1:1"], { cwd: tmpdir() });
    try {
      const [port] = (await once(child.stdout, "data")) as [Buffer];
      assert.match(port.toString(), /^\d+\n$/);
    } finally {
      child.kill();
    }
  });

  it("is small", async () => {
    const sizes = filesOf(unpacked).map((path) => statSync(join(unpacked, path)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const { size } = statSync(await tarball());
    assert.ok(size <= LARGEST.tarball, `${size} bytes`);
    assert.ok(total <= LARGEST.unpacked, `${total} bytes`);
  });

  it("names no folder of the machine that made it", () => {
    const telling = filesOf(unpacked).filter((path) => readFileSync(join(unpacked, path), "utf8").includes(repository));
    assert.deepEqual(telling, []);
  });

  it("leaves publint nothing to say", async () => {
    const { publint } = await import("publint");
    const { formatMessage } = await import("publint/utils");
    const { buffer } = readFileSync(await tarball());
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    const complaints = messages.map((message) => formatMessage(message, pkg));
    assert.deepEqual(complaints, []);
  });

  it("has types that resolve in every way, and as what they are", async () => {
    const attw = join(repository, "node_modules/.bin/attw");
    const args = [await tarball(), "--format", "ascii", "--no-emoji", "--no-color", "--no-definitely-typed"];
    await run(attw, args, repository, process.env);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}
