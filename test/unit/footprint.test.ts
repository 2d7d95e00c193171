import { runtime } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join, relative } from "node:path";

import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../examples/local-atlas";
import * as host from "../../provider/dynamic/host";
import { SERIALIZED_PROVIDER } from "../../provider/dynamic/serialized-provider";
import { provider as thin } from "../bench/rivals/thin";

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

  it("of a diff is a few files of this package: neither the HTTP client nor zod", () => {
    const script = `
      const host = require("pulumi-atlas-token/host");
      host.diff("ci-1", { clientId: "a", expiresAt: "2999-01-01T00:00:00Z" }, { clientId: "a", renewBefore: "10m" });
      console.log(JSON.stringify(Object.keys(require.cache)));`;
    const output = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
    const files = (JSON.parse(output) as string[]).map((file) => relative(root, file));
    const client = /oauth.(issue|revoke|send|exchange|agents|call)\./;
    const unneeded = files.filter((file) => !file.startsWith("dist") || client.test(file));
    assert.deepEqual(unneeded, []);
    assert.ok(files.length <= 24, files.join("\n"));
  });

  it("of the plugin on the disk is at most 2.5 MB, in one file of code", () => {
    const { size } = statSync(join(root, "dist", "plugin", "plugin.js"));
    assert.ok(size <= 2500 * KB, `${size} bytes`);
  });
});
