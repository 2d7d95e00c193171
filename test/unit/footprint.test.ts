import { runtime } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";

import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../examples/local-atlas";
import * as host from "../../provider/dynamic/host";
import { SERIALIZED_PROVIDER } from "../../provider/dynamic/serialized-provider";
import { provider as thin } from "../bench/rivals/thin";
import { cleanEnv } from "../support/clean-env";
import { makeTempDir, removeTempDir } from "../support/work-dir";

const root = join(__dirname, "..", "..");
const KB = 1024;

describe("the footprint", () => {
  it("in the state is at most two thirds of a forwarding provider's, and half of it when packaged", async () => {
    const atlas = await startLocalAtlas();
    const credentials = { clientId: defaultClientId, clientSecret: defaultClientSecret };
    const { inputs } = host.check({}, { ...credentials, name: "ci", baseUrl: atlas.url });
    const { outs } = await host.create(inputs);
    await atlas.close();
    const sizeWith = (provider: object): number =>
      JSON.stringify({ inputs: { ...inputs, ...provider }, outputs: { ...outs, ...provider } }).length;

    const { text } = await runtime.serializeFunction(() => thin);
    const [dynamic, packaged] = [sizeWith({ __provider: SERIALIZED_PROVIDER }), sizeWith({})];
    const forwarding = sizeWith({ __provider: text });
    assert.ok(dynamic / forwarding <= 2 / 3, `${dynamic} bytes, and ${forwarding} with the forwarding provider`);
    assert.ok(packaged / forwarding <= 1 / 2, `${packaged} bytes, and ${forwarding} with the forwarding provider`);
    // A token of Local Atlas has some 300 characters.
    assert.ok(dynamic <= 3 * KB && packaged <= 1.25 * KB, `${dynamic} and ${packaged} bytes`);
  });

  /** Runs an operation in a new process, and returns the packages whose files it loaded, and how many of ours. */
  async function loadedBy(operation: string, env: Readonly<Record<string, string>> = {}) {
    const script = `
      const host = require("pulumi-atlas-token/host");
      Promise.resolve(${operation}).then(() => console.log(JSON.stringify(Object.keys(require.cache))));`;
    const run = promisify(execFile)(process.execPath, ["-e", script], { cwd: root, env: cleanEnv(env) });
    const files = (JSON.parse((await run).stdout) as string[]).map((file) => relative(root, file));
    const packages = files.map((file) => /^node_modules.([^/\\]+)/.exec(file)?.[1] ?? "ours");
    return { packages: [...new Set(packages)].sort(), ours: files.filter((file) => file.startsWith("dist")).length };
  }

  it("of check and diff is a few files of this package: neither the HTTP client nor zod", async () => {
    const credentials = `clientId: "a", clientSecret: "a-fake-secret", keepers: {}, existingToken: "a-fake-token"`;
    for (const operation of [
      `host.check({}, { ${credentials}, name: "ci" })`,
      `host.diff("ci-1", { clientId: "a", expiresAt: "2999-01-01T00:00:00Z" }, { clientId: "a", renewBefore: "10m" })`,
    ]) {
      const { packages, ours } = await loadedBy(operation);
      assert.deepEqual(packages, ["ours"]);
      assert.ok(ours <= 34, `${ours} files`);
    }
  });

  it("of a delete is the HTTP client, and not zod, also with an audit log", async () => {
    const atlas = await startLocalAtlas();
    const folder = await makeTempDir();
    const token = {
      clientId: defaultClientId,
      clientSecret: defaultClientSecret,
      baseUrl: atlas.url,
      accessToken: "a-fake-token",
    };
    const { packages } = await loadedBy(`host.delete("ci-1", ${JSON.stringify(token)})`, {
      PULUMI_ATLAS_TOKEN_AUDIT_LOG: join(folder, "audit.jsonl"),
    });
    await Promise.all([atlas.close(), removeTempDir(folder)]);
    assert.deepEqual(packages, ["ours", "undici"]);
  });

  it("in the process is none: no global is added, and a neighbor's fetch works as before", async () => {
    // What Pulumi and zod do to the process themselves is there before.
    const script = `
      require("@pulumi/pulumi");
      require("zod");
      const { readdirSync } = require("node:fs");
      const before = new Set(Reflect.ownKeys(globalThis));
      const code = readdirSync("dist", { recursive: true }).filter((file) => /^(?!plugin.start).*\\.js$/.test(file));
      for (const file of code) require(process.cwd() + "/dist/" + file);
      const { revokeToken } = require("pulumi-atlas-token/oauth");
      const server = require("node:http").createServer((_, response) => response.end());
      server.listen(0, "127.0.0.1", async () => {
        const baseUrl = "http://127.0.0.1:" + server.address().port;
        await revokeToken({ baseUrl, clientId: "a", clientSecret: "b", token: "c" });
        const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
        const { status } = await fetch(baseUrl, { method: "POST", body: "abc", headers: { "content-length": "3" } });
        require("node:fs").writeSync(1, "\\n" + JSON.stringify({ added, status, files: code.length > 50 }));
        process.exit();
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: root, env: cleanEnv() });
    // The plugin prints its port.
    assert.deepEqual(JSON.parse(stdout.split("\n").at(-1)!), { added: [], status: 200, files: true });
  });

  it("of the plugin on the disk is at most 2.5 MB, in one file of code", () => {
    const { size } = statSync(join(root, "dist", "plugin", "plugin.js"));
    assert.ok(size <= 2500 * KB, `${size} bytes`);
  });
});
