import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Readable } from "node:stream";

import { issueToken } from "pulumi-atlas-token/oauth";
import { run as breakGlass } from "../../examples/break-glass/run";
import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { environmentFor } from "../support/environment-for";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { examplePath, startScript, type Ended } from "../unit/examples/child";
import { dynamic, plugin } from "./support/forms";
import { describeOnEngine, requireEngine, type Scene } from "./support/scene";
import { repository, type Program, type Run, type Stack } from "./support/stack";

/** Makes a folder the example's project, with the packages that its user would have installed. */
function prepareExample(name: string): (folder: string) => void {
  return (folder) => {
    cpSync(examplePath(name), folder, { recursive: true });
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    symlinkSync(repository, join(modules, "pulumi-atlas-token"), "junction");
    symlinkSync(join(repository, "node_modules/@pulumi"), join(modules, "@pulumi"), "junction");
    writeFileSync(join(folder, "package.json"), "{}");
  };
}

async function succeeds(running: Promise<Run>): Promise<Run> {
  const run = await running;
  assert.ok(run.succeeded, run.output);
  return run;
}

describeOnEngine("the example adopt", [dynamic], (open) => {
  async function passOn(stack: Stack, { atlas }: Scene): Promise<string> {
    const account = { clientId: defaultClientId, clientSecret: defaultClientSecret };
    const { accessToken } = await issueToken({ baseUrl: atlas.url, ...account });
    await succeeds(stack.pulumi("config", "set", "--secret", "pipelineToken", accessToken, "--stack", "test"));
    return accessToken;
  }

  it("adopts the pipeline's token, revokes it for the next one, and revokes that when it is destroyed", async () => {
    const scene = await open();
    const stack = await scene.openStack(prepareExample("adopt"));
    const token = await passOn(stack, scene);
    await succeeds(stack.up());
    const outputs = await stack.outputs();
    assert.equal(outputs["accessToken"], token);
    assert.equal(Date.parse(String(outputs["usableUntil"])), scene.atlas.tokens()[0]?.expiresAt.getTime());

    await passOn(stack, scene);
    await succeeds(stack.up());
    assert.deepEqual(scene.active(), [false, true]);
    await succeeds(stack.destroy());
    assert.deepEqual(scene.active(), [false, false]);
  });
});

describeOnEngine("the example rotation", [dynamic], (open) => {
  it("has the new token in its file before the old one is revoked, and no file when the last one is", async () => {
    let file = "";
    const read = (): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
    const inFileAtRevoke: (string | undefined)[] = [];
    let clockLagMs = 0;
    const scene = await open({
      now: () => Date.now() - clockLagMs,
      before: ({ endpoint }) => {
        if (endpoint === "revoke") inFileAtRevoke.push(read());
      },
    });
    const stack = await scene.openStack(prepareExample("rotation"));
    file = join(stack.folder, "agent-token");
    await stack.configure({ file, rotation: "1" });

    clockLagMs = 29 * 60_000;
    await succeeds(stack.up());
    assert.equal(read(), scene.atlas.tokens()[0]?.token);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    clockLagMs = 31 * 60_000;
    assert.deepEqual((await succeeds(stack.up())).did.toSorted(), ["same agent", "same agent"]);

    await stack.configure({ rotation: "2" });
    await succeeds(stack.up());
    assert.deepEqual(scene.active(), [false, true]);
    clockLagMs = 0;
    // The second token is 31 minutes old, so less than the half hour of renewBefore is left.
    await succeeds(stack.up());
    assert.deepEqual(scene.active(), [false, false, true]);
    await succeeds(stack.destroy());
    const [, second, third] = scene.atlas.tokens();
    assert.deepEqual(inFileAtRevoke, [second?.token, third?.token, undefined]);
  });
});

describeOnEngine("break glass", [dynamic, plugin], (open) => {
  const program: Program = ({ ServiceAccountToken }, { generation }: { generation: string }) => {
    new ServiceAccountToken("ci", { keepers: { generation } });
  };

  it("revokes a token and the one that its replacement failed to revoke", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await succeeds(stack.declare(program, { generation: "1" }).up());
    atlas.failNext("revoke", 403);
    assert.equal((await stack.declare(program, { generation: "2" }).up()).succeeded, false);
    assert.deepEqual(scene.active(), [true, true]);

    let report = "";
    const code = await breakGlass([], {
      stdin: Readable.from([Buffer.from(JSON.stringify(await stack.exportState()))]),
      print: (text) => (report += text),
      log: (line) => (report += line),
      color: false,
      env: environmentFor(atlas),
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
    assert.equal(code, 0, report);
    assert.match(report, /\n\n2 revoked\n$/);
    assert.deepEqual(scene.active(), [false, false]);
  });
});

describeOnEngine("the example ephemeral-stack", [dynamic], (open) => {
  let engine: string;
  let folder: string;
  before(async function () {
    engine = await requireEngine(this);
  });
  beforeEach(async () => (folder = await makeTempDir()));
  afterEach(() => removeTempDir(folder));

  function start({ atlas }: Scene, ...command: readonly string[]): Promise<Ended> {
    return startScript(examplePath("ephemeral-stack", "main.ts"), command, {
      ...environmentFor(atlas),
      PATH: [dirname(engine), process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "a-passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    }).ended;
  }

  function assertRemoved(scene: Scene): void {
    assert.deepEqual(scene.active(), [false]);
    const files = readdirSync(examplePath("ephemeral-stack"));
    assert.deepEqual(
      files.filter((name) => name.startsWith("Pulumi.job-")),
      [],
    );
  }

  it("runs a command with an active token, passes on its exit code and leaves nothing behind", async () => {
    const scene = await open();
    const job = `fetch("${scene.atlas.url}/api/atlas/v2", { headers: { authorization: "Bearer " + process.env.MONGODB_ATLAS_ACCESS_TOKEN } })
      .then(({ status }) => { console.log(status); process.exit(7); })`;
    const { code, out, err } = await start(scene, process.execPath, "-e", job);
    assert.deepEqual({ code, out }, { code: 7, out: "200\n" }, err);
    assertRemoved(scene);
  });

  for (const signal of ["TERM", "HUP"]) {
    it(`ends the job on SIG${signal} and revokes its token`, async () => {
      const scene = await open();
      const { code, err } = await start(scene, "sh", "-c", `kill -${signal} $PPID; exec sleep 60`);
      assert.equal(code, 130, err);
      assertRemoved(scene);
    });
  }
});
