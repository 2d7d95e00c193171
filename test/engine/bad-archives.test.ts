import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { requireEngine } from "../support/engine";
import { pluginArchive } from "../support/plugin-archive";
import { repository, Stack } from "./support/stack";
import { skip } from "../support/skip";

const NAME = "pulumi-resource-atlas-token";
const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { version: string };
const documented = readFileSync(join(repository, "docs", "installation-configuration.md"), "utf8");

/** Packs an executable that is none on this platform. */
function packed(folder: string, executable: string): string {
  writeFileSync(join(folder, NAME), executable, { mode: 0o755 });
  execFileSync("tar", ["-czf", "bad.tar.gz", NAME], { cwd: folder });
  return join(folder, "bad.tar.gz");
}

/** Each archive or folder that does not work, and what Pulumi says of it. */
const cases: Readonly<Record<string, readonly [message: string, spoil: (folder: string) => string]>> = {
  "an archive that is not complete": [
    "unexpected EOF",
    (folder) => {
      const archive = readFileSync(pluginArchive());
      writeFileSync(join(folder, "bad.tar.gz"), archive.subarray(0, archive.length / 2));
      return join(folder, "bad.tar.gz");
    },
  ],
  // It begins like a program for macOS.
  "an executable of another platform": ["exec format error", (folder) => packed(folder, "\u00cf\u00fa\u00ed\u00fe")],
  // The kernel reports a missing dynamic linker as it does a missing interpreter, and Pulumi reports both in these words.
  "an executable for another C library": ["plugin not found", (folder) => packed(folder, "#!/none/ld.so\n")],
  "a folder that cannot be written": [
    "permission denied",
    (folder) => {
      mkdirSync(join(folder, "home", "plugins"), { recursive: true });
      chmodSync(join(folder, "home", "plugins"), 0o555);
      return pluginArchive();
    },
  ],
};

describe("an installation of the plugin", () => {
  for (const [what, [message, spoil]] of Object.entries(cases)) {
    it(`fails with a line that the docs explain, and succeeds as they say: ${what}`, async function () {
      const isForbidden = message === "permission denied";
      if (isForbidden && process.getuid?.() === 0) skip(this, "root can write to every folder");
      const stack = await Stack.open(await requireEngine(this), (folder) => {
        cpSync(join(repository, "examples", "yaml"), folder, { recursive: true });
      });
      try {
        const install = (file: string, ...flags: string[]) =>
          stack.pulumi("plugin", "install", "resource", "atlas-token", version, "--file", file, ...flags);
        const add = () => stack.pulumi("package", "add", `atlas-token@${version}`);
        const file = spoil(stack.folder);
        if (isForbidden) stack.env["PULUMI_HOME"] = join(stack.folder, "home");

        const installed = await install(file);
        const { output } = installed.succeeded ? await add() : installed;
        assert.match(output, new RegExp(`error: .*${message}`));
        assert.ok(documented.includes(`| \`${message}\``), message);

        if (isForbidden) stack.env["PULUMI_HOME"] = join(stack.folder, "other");
        const repaired = await install(pluginArchive(), "--reinstall");
        assert.ok(repaired.succeeded, repaired.output);
        const added = await add();
        assert.ok(added.succeeded, added.output);
      } finally {
        await stack.close();
      }
    });
  }
});
