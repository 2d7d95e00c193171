import { issueToken } from "pulumi-atlas-token/oauth";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { requireEngine } from "../support/engine";
import { skip } from "../support/skip";
import { describeOnEngine, fails, plugin, skipIfFailed, succeeds, type Fixture } from "./support/fixture";
import { repository } from "./support/stack";
import { addTokenUser } from "./support/token-user";

/** For each example, what has to be on this machine besides the Pulumi CLI and its host of the language. */
const examples = { yaml: "", python: "python3", go: "go", "typescript-plugin": "npm" };

const ephemeral = {
  "ephemeral/yaml": "",
  "ephemeral/python": "python3",
  "ephemeral/go": "go",
  "ephemeral/typescript": "npm",
};

/** The settings of package managers on this machine, which decide where they get packages. */
const packageManagers = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(pip_|go|npm_config_|node_extra|ssl_|https?_proxy|no_proxy)/i.test(name),
  ),
) as Record<string, string>;

describeOnEngine("the packaged provider in another language", [plugin], (open, { type }) => {
  /** Opens a fixture whose stack is the example, installed as its README says. */
  async function install(
    context: Mocha.Context,
    example: string,
    addPackage: (folder: string) => string = () => "",
  ): Promise<Fixture> {
    // The SDK of the language is installed first.
    context.timeout(600_000);
    let other = "";
    const fixture = await open({}, (folder) => {
      cpSync(join(repository, "examples", example), folder, { recursive: true });
      const manifest = join(folder, "package.json");
      if (existsSync(manifest))
        writeFileSync(manifest, readFileSync(manifest, "utf8").replace("file:../..", `file:${repository}`));
      other = addPackage(folder);
    });
    const { stack } = fixture;
    Object.assign(stack.env, packageManagers, { npm_config_ignore_scripts: "true" });
    const version = await stack.installPlugin();
    // Go's dependencies are complete only with the second one.
    if (other !== "") await stack.pulumi("package", "add", other);
    const added = await stack.pulumi("package", "add", `atlas-token@${version}`);
    skipIfFailed(context, added.succeeded, added.output, `the SDK for ${example} could not be installed`);
    return fixture;
  }

  for (const [example, compiler] of Object.entries(examples)) {
    it(`issues, rotates, imports and revokes tokens: ${example}`, async function () {
      await requireLanguage(this, example, compiler);
      const fixture = await install(this, example);
      const { stack, atlas } = fixture;

      assert.deepEqual((await succeeds(stack.up())).did, ["create ci", "create header"]);
      await succeeds(stack.preview("--expect-no-changes"));

      await stack.pulumi("config", "set", "release", "2", "--stack", "test");
      assert.match((await stack.preview()).output, /ServiceAccountToken +ci +replace +\[diff: ~keepers\]/);
      const rotated = await succeeds(stack.up());
      assert.deepEqual(rotated.did.slice(0, 2), ["create-replacement ci", "replace ci"]);
      assert.equal(rotated.did.at(-1), "delete-replaced ci");
      assert.equal((await stack.outputs())["authorization"], `Bearer ${atlas.tokens()[1]!.token}`);

      const account = { clientId: defaultClientId, clientSecret: defaultClientSecret };
      const { accessToken } = await issueToken({ baseUrl: atlas.url, ...account });
      stack.env["EXISTING_TOKEN"] = accessToken;
      await fails(stack.operate("import", type, "other", accessToken, "--yes"));
      const flags = ["--yes", "--protect=false", "--generate-code=false"];
      await succeeds(stack.operate("import", type, "other", "env:EXISTING_TOKEN", ...flags));
      assert.deepEqual(fixture.active(), [false, true, true]);

      atlas.failNext("revoke", 403);
      await fails(stack.destroy());
      await succeeds(stack.destroy());
      assert.deepEqual(fixture.active(), [false, false, false]);
    });
  }

  for (const [example, compiler] of Object.entries(ephemeral)) {
    it(`gives another provider a token for each run, and revokes it at the end: ${example}`, async function () {
      await requireLanguage(this, example, compiler);
      // The real Atlas provider needs an Atlas.
      const fixture = await install(this, example, (folder) => {
        const plugins = "plugins: { providers: [{ name: mongodbatlas, path: ./mongodbatlas }] }\n";
        appendFileSync(join(folder, "Pulumi.yaml"), plugins);
        for (const manifest of ["package.json", "requirements.txt"].map((name) => join(folder, name)))
          if (existsSync(manifest))
            writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/^.*mongodbatlas.*\n/m, ""));
        return addTokenUser(folder, "mongodbatlas");
      });
      const { stack } = fixture;
      await stack.pulumi("config", "set", "orgId", "5f0000000000000000000000", "--stack", "test");
      assert.deepEqual((await succeeds(stack.up())).did, ["create app"]);
      assert.equal((await succeeds(stack.destroy("--run-program"))).did.at(-1), "delete app");
      assert.deepEqual(fixture.active(), [false, false]);
    });
  }

  it("takes over the token of the dynamic resource unchanged, and hands it back", async function () {
    if (!isInstalled(await requireEngine(this), "npm")) skip(this, "the migration: no npm was found");
    const fixture = await install(this, "migrate");
    const { stack } = fixture;
    const project = join(stack.folder, "Pulumi.yaml");
    const runs: string[] = [];
    for (const main of ["dynamic", "plugin", "back", "dynamic", "plugin"]) {
      writeFileSync(project, readFileSync(project, "utf8").replace(/^main: .*$/m, `main: ${main}.ts`));
      runs.push(`${main}: ${(await succeeds(stack.up())).did.join()}`);
    }

    const same = ["plugin: same ci", "back: same ci", "dynamic: same ci", "plugin: same ci"];
    assert.deepEqual(runs, ["dynamic: create ci", ...same]);
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.requests(), ["issue 200", "revoke 200"]);
  });
});

/** Skips an example in a language for which something is missing on this machine. */
async function requireLanguage(context: Mocha.Context, example: string, compiler: string): Promise<void> {
  const language = example.replace("ephemeral/", "").replace(/^typescript.*/, "nodejs");
  const command = await requireEngine(context);
  for (const program of [`pulumi-language-${language}`, compiler]) {
    if (program !== "" && !isInstalled(command, program)) skip(context, `${example}: no ${program} was found`);
  }
}

function isInstalled(command: string, program: string): boolean {
  const path = [dirname(command), process.env["PATH"] ?? ""].join(delimiter);
  if (path.split(delimiter).some((folder) => existsSync(join(folder, program)))) return true;
  return spawnSync(program, ["--version"]).error === undefined;
}
