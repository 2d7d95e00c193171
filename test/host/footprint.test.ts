import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join, relative } from "node:path";
import { ServiceAccountToken } from "pulumi-atlas-token";

import { startLocalAtlas, defaultClientId, defaultClientSecret, type LocalAtlas } from "../../examples/local-atlas";
import { openStack } from "../support/open-stack";
import type { Stack } from "../support/stack";

const root = join(__dirname, "..", "..");

/** The files that a fresh process has loaded once it has compared a token. */
function filesLoadedForDiff(): string[] {
  const script = `
    const host = require("pulumi-atlas-token/host");
    host.diff("ci-1", { clientId: "a", expiresAt: "2999-01-01T00:00:00Z" }, { clientId: "a", renewBefore: "10m" });
    console.log(JSON.stringify(Object.keys(require.cache)));`;
  const output = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
  return (JSON.parse(output) as string[]).map((file) => relative(root, file));
}

describe("the footprint", function () {
  this.timeout(60_000);

  it("of a diff is a few files of this package: neither the HTTP client nor zod", () => {
    const files = filesLoadedForDiff();
    assert.deepEqual(
      files.filter((file) => !file.startsWith("dist") || /oauth.(issue|revoke|request|agents|call)\./.test(file)),
      [],
    );
    // Ten when this was written.
    assert.ok(files.length <= 24, files.join("\n"));
  });

  describe("in the state", () => {
    let atlas: LocalAtlas;
    let stack: Stack;
    beforeEach(async () => {
      atlas = await startLocalAtlas({ requestsPerWindow: 0 });
      stack = await openStack("host");
      Object.assign(stack.env, {
        MONGODB_ATLAS_BASE_URL: atlas.url,
        MONGODB_ATLAS_CLIENT_ID: defaultClientId,
        MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret,
      });
    });
    afterEach(async () => {
      await stack.close();
      await atlas.close();
    });

    it("is a few kilobytes a resource", async () => {
      const sizes: number[] = [];
      for (const count of [10, 20]) {
        const run = await stack.up(() => {
          for (let index = 0; index < count; index++) new ServiceAccountToken(`token-${index}`);
          return undefined;
        });
        assert.ok(run.succeeded, run.output);
        sizes.push((await stack.exportText()).length);
      }
      const each = (sizes[1]! - sizes[0]!) / 10;
      // 3.5 KB when this was written, most of it the provider's text, twice, and the token.
      assert.ok(each <= 6_000, `${each} bytes a resource`);
    });
  });
});
