import { issueToken } from "pulumi-atlas-token/oauth";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { plugin, pluginArchive, version } from "./support/forms";
import { Scene, requireEngine } from "./support/scene";
import { repository, type Stack } from "./support/stack";

const TYPE = "atlas-token:index:ServiceAccountToken";

interface Language {
  readonly name: string;
  /** The folder of the example. */
  readonly example: string;
  /** Programs that have to be on this machine besides the Pulumi CLI. */
  readonly needs: readonly string[];
}

const languages: readonly Language[] = [
  { name: "YAML", example: "yaml", needs: ["pulumi-language-yaml"] },
  { name: "Python", example: "python", needs: ["pulumi-language-python", "python3"] },
  { name: "Go", example: "go", needs: ["pulumi-language-go", "go"] },
  { name: "TypeScript", example: "typescript-plugin", needs: ["pulumi-language-nodejs", "npm"] },
];
const migration: Language = {
  name: "TypeScript (migration)",
  example: "migrate",
  needs: ["pulumi-language-nodejs", "npm"],
};

/** The settings of package managers on this machine, which decide where they get packages. */
const packageManagers = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(pip_|go|npm_config_|node_extra|ssl_|https?_proxy|no_proxy)/i.test(name),
  ),
) as Record<string, string>;

describe("the packaged provider, in a program in", function () {
  // Each one installs the SDK of its language first.
  this.timeout(600_000);
  let command: string;
  let scene: Scene | undefined;
  let archive: string;

  before(async function () {
    command = await requireEngine(this);
    archive = pluginArchive();
  });
  afterEach(async () => {
    await scene?.close();
    scene = undefined;
  });

  /** A scene with the example as its stack, installed as the README of the example says. */
  async function install(context: Mocha.Context, { name, example, needs }: Language): Promise<[Scene, Stack]> {
    const missing = needs.filter((program) => !isInstalled(command, program));
    if (missing.length > 0) skip(context, `${name}: no ${missing.join(" and no ")} was found`);
    scene = await Scene.open(command, plugin);
    const stack = await scene.openStack((folder) => {
      cpSync(join(repository, "examples", example), folder, { recursive: true });
      const manifest = join(folder, "package.json");
      if (!existsSync(manifest)) return;
      writeFileSync(manifest, readFileSync(manifest, "utf8").replace("file:../..", `file:${repository}`));
    });
    Object.assign(stack.env, packageManagers, { npm_config_ignore_scripts: "true" });
    const installed = await stack.pulumi("plugin", "install", "resource", "atlas-token", version, "--file", archive);
    assert.ok(installed.succeeded, installed.output);
    const added = await stack.pulumi("package", "add", `atlas-token@${version}`);
    if (!added.succeeded && process.env["ENGINE"] !== "required") {
      skip(context, `${name}: the SDK could not be installed (${added.output.trim().split("\n").at(-1) ?? ""})`);
    }
    assert.ok(added.succeeded, added.output);
    return [scene, stack];
  }

  for (const language of languages) {
    it(`${language.name} issues, rotates, imports and revokes tokens`, async function () {
      const [opened, stack] = await install(this, language);
      const { atlas } = opened;

      const up = await stack.up();
      assert.ok(up.succeeded, up.output);
      assert.deepEqual(up.did, ["create ci", "create header"]);
      const unchanged = await stack.preview("--expect-no-changes");
      assert.ok(unchanged.succeeded, unchanged.output);

      await stack.pulumi("config", "set", "release", "2", "--stack", "test");
      const preview = await stack.preview();
      assert.match(preview.output, /ServiceAccountToken +ci +replace +\[diff: ~keepers\]/);
      const rotated = await stack.up();
      assert.ok(rotated.succeeded, rotated.output);
      assert.deepEqual(rotated.did.slice(0, 2), ["create-replacement ci", "replace ci"]);
      assert.equal(rotated.did.at(-1), "delete-replaced ci");
      assert.equal((await stack.outputs())["authorization"], `Bearer ${atlas.tokens()[1]!.token}`);

      const account = { clientId: defaultClientId, clientSecret: defaultClientSecret };
      stack.env["EXISTING_TOKEN"] = (await issueToken({ baseUrl: atlas.url, ...account })).accessToken;
      const refused = await stack.operate("import", TYPE, "other", stack.env["EXISTING_TOKEN"], "--yes");
      assert.equal(refused.succeeded, false);
      const flags = ["--yes", "--protect=false", "--generate-code=false"];
      const imported = await stack.operate("import", TYPE, "other", "env:EXISTING_TOKEN", ...flags);
      assert.ok(imported.succeeded, imported.output);
      assert.deepEqual(opened.active(), [false, true, true]);

      atlas.failNext("revoke", 403);
      assert.equal((await stack.destroy()).succeeded, false);
      const destroyed = await stack.destroy();
      assert.ok(destroyed.succeeded, destroyed.output);
      assert.deepEqual(opened.active(), [false, false, false]);
    });
  }

  it("TypeScript takes over the token of the dynamic resource unchanged, and hands it back", async function () {
    const [, stack] = await install(this, migration);
    const project = join(stack.folder, "Pulumi.yaml");
    const run = async (main: string): Promise<void> => {
      writeFileSync(project, readFileSync(project, "utf8").replace(/^main: .*$/m, `main: ${main}.ts`));
      const up = await stack.up();
      assert.ok(up.succeeded, up.output);
      if (main !== "dynamic") assert.deepEqual(up.did, ["same ci"], up.output);
    };

    for (const main of ["dynamic", "plugin", "back", "dynamic", "plugin"]) await run(main);

    assert.deepEqual(scene!.requests(), ["issue 200"]);
    assert.ok((await stack.destroy()).succeeded);
    assert.deepEqual(scene!.active(), [false]);
  });

  it("any other language has an SDK as far as the CLI can generate it", async function () {
    command = await requireEngine(this);
    const [, stack] = await install(this, languages[0]!);
    for (const language of ["python", "go", "nodejs", "dotnet", "java"]) {
      if (!isInstalled(command, `pulumi-language-${language}`)) {
        console.log(`      Not generated: ${language}, since no pulumi-language-${language} was found`);
        continue;
      }
      const flags = ["--language", language, "--out", join(stack.folder, "generated")];
      const generated = await stack.pulumi("package", "gen-sdk", `atlas-token@${version}`, ...flags);
      assert.ok(generated.succeeded, generated.output);
      assert.ok(existsSync(join(stack.folder, "generated", language)));
    }
  });
});

function skip(context: Mocha.Context, reason: string): never {
  console.log(`      Skipped ${reason}`);
  return context.skip();
}

function isInstalled(command: string, program: string): boolean {
  const path = [dirname(command), process.env["PATH"] ?? ""].join(delimiter);
  const extension = process.platform === "win32" ? ".exe" : "";
  if (path.split(delimiter).some((folder) => existsSync(join(folder, program + extension)))) return true;
  return spawnSync(program, ["--version"]).error === undefined;
}
