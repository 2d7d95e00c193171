import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";

import { makeTempDir, removeTempDir } from "../support/work-dir";
import { plugin, root } from "./support/fixture";
import { skip } from "../support/skip";

const NAME = "pulumi-resource-atlas-token";

describe("the executable of the packaged provider", function () {
  this.timeout(30_000);
  let folder = "";
  beforeEach(async () => (folder = await makeTempDir()));
  afterEach(() => removeTempDir(folder));

  const onPath = (...folders: string[]): NodeJS.ProcessEnv => ({ PATH: folders.join(delimiter) });
  const node = dirname(process.execPath);

  /** Starts it and returns the port that it prints; its standard input is a FIFO, as the engine makes it, and ends then. */
  async function firstLine(command: string): Promise<string> {
    const child = spawn("sh", ["-c", `cat | "${command}" 127.0.0.1:1`], { env: onPath(node, "/usr/bin", "/bin") });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) child.stdin.end();
    });
    await once(child, "close");
    return output;
  }

  describe("on Unix", () => {
    before(function () {
      if (process.platform === "win32") skip(this, "this is Windows");
    });

    it("runs from any folder that it is copied or linked to, and ends with its standard input", async () => {
      const copy = join(folder, "a copy");
      cpSync(plugin, copy, { recursive: true });
      symlinkSync(relative(folder, join(copy, NAME)), join(folder, "link"));
      for (const command of [join(copy, NAME), join(folder, "link")]) assert.match(await firstLine(command), /^\d+\n$/);
    });

    it("says what to install if there is no Node.js, in one line", () => {
      mkdirSync(join(folder, "bin"));
      for (const tool of ["dirname", "readlink"]) {
        const path = ["/usr/bin", "/bin"].map((place) => join(place, tool)).find((file) => existsSync(file));
        if (path !== undefined) symlinkSync(path, join(folder, "bin", tool));
      }
      const { status, stderr } = spawnSync("/bin/sh", [join(plugin, NAME)], { env: onPath(join(folder, "bin")) });
      assert.equal(status, 1);
      assert.match(String(stderr), /^pulumi-resource-atlas-token needs Node\.js 20\.18\.1 or later: install it .*\n$/);
    });

    it("says so if it cannot listen, in one line", () => {
      const preload = join(folder, "no-listen.cjs");
      writeFileSync(
        preload,
        `require("net").Server.prototype.listen = function () {
          setImmediate(() => this.emit("error", Object.assign(new Error("listen EPERM"), { code: "EPERM" })));
          return this;
        };`,
      );
      const { status, stderr } = spawnSync(process.execPath, ["--require", preload, join(plugin, "start.js")]);
      assert.equal(status, 1);
      assert.match(String(stderr), /^pulumi-resource-atlas-token cannot listen on 127\.0\.0\.1 \(.*\): .*\n$/);
    });
  });

  it("names a Node.js that is too old, in one line", () => {
    const preload = join(folder, "old.cjs");
    const versions = "{ ...process.versions, node: '20.18.0' }";
    writeFileSync(preload, `Object.defineProperty(process, "versions", { value: ${versions} });`);
    const { status, stderr } = spawnSync(process.execPath, ["--require", preload, join(plugin, "start.js")]);
    assert.equal(status, 1);
    assert.match(String(stderr), /^pulumi-resource-atlas-token needs Node\.js 20\.18\.1 or later, and found .*\n$/);
  });

  it("requires the Node.js version of the package", () => {
    const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
    const version = engines.node.replace(">=", "");
    for (const file of [NAME, `${NAME}.cmd`, "start.js"])
      assert.ok(readFileSync(join(plugin, file), "utf8").includes(version), file);
  });

  it("contains the licenses of all that is bundled", () => {
    const licenses = readFileSync(join(plugin, "THIRD_PARTY_LICENSES"), "utf8");
    for (const name of ["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "undici"])
      assert.match(licenses, new RegExp(`^${name} \\d`, "m"));
  });
});
