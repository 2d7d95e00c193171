import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { dynamic, plugin } from "./support/forms";
import { describeOnEngine } from "./support/scene";
import { repository, type Program } from "./support/stack";

const program: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("ci", args);

describeOnEngine("the policy example", [dynamic, plugin], (open) => {
  it("refuses a production token that is kept after it has expired", async function () {
    const { stack } = await open();
    const pack = join(stack.folder, "..", "policy");
    cpSync(join(repository, "examples/policy"), pack, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
      cwd: pack,
      shell: true,
    });
    if (npm.status !== 0 && process.env["ENGINE"] !== "required") {
      console.log("      Skipped: @pulumi/policy could not be installed");
      this.skip();
    }
    const config = join(stack.folder, "policy.json");
    writeFileSync(config, JSON.stringify({ "no-expired-tokens": { productionStacks: ["test"] } }));
    const flags = ["--policy-pack", pack, "--policy-pack-config", config];

    const refused = await stack.declare(program, { renewBefore: "never" }).preview(...flags);
    assert.equal(refused.succeeded, false);
    assert.match(refused.output, /Stack test keeps an expired token/);
    const allowed = await stack.declare(program, { renewBefore: "10m" }).preview(...flags);
    assert.ok(allowed.succeeded, allowed.output);
    const elsewhere = await stack.declare(program, { renewBefore: "never" }).preview("--policy-pack", pack);
    assert.ok(elsewhere.succeeded, elsewhere.output);
  });
});
