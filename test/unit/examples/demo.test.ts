import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findEngine, findOrDownloadEngine } from "../../../examples/demo/find-engine";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, startScript } from "./child";

describe("the demo", () => {
  it("shows the lifecycle of a token without an engine, and says so in its first line", async function () {
    this.timeout(120_000);
    const { code, out, err } = await startScript(examplePath("demo", "main.ts"), [], { ENGINE: "none" }).ended;
    assert.equal(code, 0, out + err);
    assert.match(out, /^Without a Pulumi engine, the demo calls Pulumi's host of dynamic providers/);
    assert.deepEqual(
      [...out.matchAll(/^== (.*)$/gm)].map(([, title]) => title),
      [
        "pulumi up: the token is issued",
        "pulumi preview: nothing has changed",
        "pulumi preview: the token is due",
        "pulumi up: a new token is issued, then the old one is revoked",
        "pulumi destroy, while Atlas responds with 403: the token stays in the state",
        "pulumi destroy, while Atlas responds with 503 once: it is retried and succeeds",
        "The tokens at Local Atlas",
        "The audit log: which tokens are not revoked?",
      ],
    );
    assert.equal(out.match(/^ {2}token \S+: revoked$/gm)?.length, 2);
    assert.match(out, /\n {2}not revoked: none\n\n$/);
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
    process.env = { ...env, PULUMI_HOME: join(folder, "home"), PULUMI_VERSION: "3.2.1", PATH: "" };
  });
  afterEach(async () => {
    process.env = env;
    globalThis.fetch = fetch;
    await removeTempDir(folder);
  });

  function addExecutable(path: string, script: string): string {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "pulumi"), script);
    chmodSync(join(folder, path, "pulumi"), 0o755);
    return join(folder, path);
  }

  it("skips the installer of the npm package and what does not print a version", async () => {
    const cli = "#!/bin/sh\necho v1.2.3\n";
    const path = [
      addExecutable("installer", "#!/usr/bin/env node\nconsole.log('v9.9.9')\n"),
      addExecutable(join("node_modules", ".bin"), cli),
      addExecutable("other", "#!/bin/sh\necho pulumi\n"),
    ];
    process.env["PATH"] = path.join(delimiter);
    assert.equal(await findEngine(), undefined);
    process.env["PATH"] = [...path, addExecutable("real", cli)].join(delimiter);
    assert.deepEqual(await findEngine(), { command: join(folder, "real", "pulumi"), version: "1.2.3" });
  });

  it("falls back to the cache of the npm package", async () => {
    const command = join(addExecutable(join("home", "versions", "3.2.1", "bin"), "#!/bin/sh\necho v3.2.1\n"), "pulumi");
    assert.deepEqual(await findEngine(), { command, version: "3.2.1" });
  });

  it("says so if there is no CLI and no connection to download one", async () => {
    globalThis.fetch = () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }));
    const lines: string[] = [];
    assert.equal(await findOrDownloadEngine((line) => lines.push(line)), undefined);
    assert.deepEqual(lines, ["No Pulumi CLI was found, and downloading it failed (ENOTFOUND)."]);
  });
});
