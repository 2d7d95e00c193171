import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { issueToken } from "pulumi-atlas-token/oauth";
import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { requireEngine } from "../support/engine";
import { examplePath, startScript } from "../unit/examples/child";
import { describeOnEngine, dynamic, fails, plugin, skipIfFailed, succeeds } from "./support/fixture";
import { linkPackages, type Program } from "./support/stack";

const MINUTE = 60_000;

/** Makes a folder the example's project, with the packages that its user would have installed. */
function prepareExample(name: string): (folder: string) => void {
  return (folder) => {
    cpSync(examplePath(name), folder, { recursive: true });
    linkPackages(folder);
    writeFileSync(join(folder, "package.json"), "{}");
  };
}

describeOnEngine("the example", [dynamic], (open) => {
  it("adopt adopts a pipeline's token, revokes it for the next one, and revokes that at its end", async () => {
    const fixture = await open({}, prepareExample("adopt"));
    const { stack, atlas } = fixture;
    const account = { clientId: defaultClientId, clientSecret: defaultClientSecret };
    for (const active of [[true], [false, true]]) {
      const { accessToken } = await issueToken({ baseUrl: atlas.url, ...account });
      await succeeds(stack.pulumi("config", "set", "--secret", "pipelineToken", accessToken, "--stack", "test"));
      await succeeds(stack.up());
      const outputs = await stack.outputs();
      const expiresAt = atlas.tokens().at(-1)?.expiresAt.getTime();
      assert.deepEqual([outputs["accessToken"], Date.parse(String(outputs["usableUntil"]))], [accessToken, expiresAt]);
      assert.deepEqual(fixture.active(), active);
    }
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.active(), [false, false]);
  });

  it("rotation has the new token in its file before the old one is revoked, and no file at its end", async () => {
    const inFileAtRevoke: (string | undefined)[] = [];
    const read = (): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
    const before = ({ endpoint }: { endpoint: string }): void => {
      if (endpoint === "revoke") inFileAtRevoke.push(read());
    };
    const fixture = await open({ before }, prepareExample("rotation"));
    const { stack, atlas } = fixture;
    const file = join(stack.folder, "agent-token");
    await stack.configure({ file, rotation: "1" });

    fixture.clockLagMs = 29 * MINUTE;
    await succeeds(stack.up());
    assert.deepEqual([read(), statSync(file).mode & 0o777], [atlas.tokens()[0]?.token, 0o600]);
    fixture.clockLagMs = 31 * MINUTE;
    assert.deepEqual((await succeeds(stack.up())).did, ["same agent", "same agent"]);

    await stack.configure({ rotation: "2" });
    await succeeds(stack.up());
    assert.deepEqual(fixture.active(), [false, true]);
    fixture.clockLagMs = 0;
    // The second token is 31 minutes old, so less than the half hour of renewBefore is left.
    await succeeds(stack.up());
    assert.deepEqual(fixture.active(), [false, false, true]);
    await succeeds(stack.destroy());
    const [, second, third] = atlas.tokens();
    assert.deepEqual(inFileAtRevoke, [second?.token, third?.token, undefined]);
  });

  it("ephemeral-stack runs a job with an active token, passes on its exit code and leaves nothing behind", async function () {
    const pulumi = dirname(await requireEngine(this));
    const fixture = await open();
    const { atlas, stack } = fixture;
    const answers = `fetch("${atlas.url}/api/atlas/v2", { headers: { authorization: "Bearer " + process.env.MONGODB_ATLAS_ACCESS_TOKEN } })
      .then(({ status }) => { console.log(status); process.exit(7); })`;
    for (const { job, code, out } of [
      { job: [process.execPath, "-e", answers], code: 7, out: "200\n" },
      { job: ["sh", "-c", "kill -TERM $PPID; exec sleep 60"], code: 130, out: "" },
      { job: ["sh", "-c", "kill -HUP $PPID; exec sleep 60"], code: 130, out: "" },
    ]) {
      const env = { ...stack.environment(), PATH: `${pulumi}:${process.env["PATH"]}` };
      const ended = await startScript(examplePath("ephemeral-stack", "main.ts"), job, env).ended;
      assert.deepEqual([ended.code, ended.out], [code, out], ended.err);
    }
    assert.deepEqual(fixture.active(), [false, false, false]);
    const settings = readdirSync(examplePath("ephemeral-stack")).filter((name) => name.startsWith("Pulumi.job-"));
    assert.deepEqual(settings, []);
  });
});

describeOnEngine("the policy example", [dynamic, plugin], (open) => {
  const program: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("ci", args);

  it("refuses a production token that is kept after it has expired", async function () {
    const { stack } = await open();
    const pack = join(stack.folder, "..", "policy");
    const filter = (path: string): boolean => !path.includes("node_modules");
    cpSync(examplePath("policy", "pack"), pack, { recursive: true, filter });
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
    const npm = spawnSync("npm", args, { cwd: pack, shell: true, encoding: "utf8" });
    skipIfFailed(this, npm.status === 0, npm.stderr, "@pulumi/policy could not be installed");
    const config = join(stack.folder, "policy.json");
    writeFileSync(config, JSON.stringify({ "no-expired-tokens": { productionStacks: ["test"] } }));
    const flags = ["--policy-pack", pack, "--policy-pack-config", config];

    const refused = await fails(stack.declare(program, { renewBefore: "never" }).preview(...flags));
    assert.match(refused.output, /Stack test keeps an expired token/);
    await succeeds(stack.preview("--policy-pack", pack));
    await succeeds(stack.declare(program, { renewBefore: "10m" }).preview(...flags));
  });
});
