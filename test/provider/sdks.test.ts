import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { cleanEnv } from "../support/clean-env";
import { requireEngine } from "../support/engine";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { plugin, root } from "./support/fixture";
import { skip } from "../support/skip";

type Json = Readonly<Record<string, unknown>>;

const path = "provider/plugin/schema.json";
const schema = JSON.parse(readFileSync(join(root, path), "utf8")) as Json;

/** For each language of Pulumi the file of its SDK that names the package, and what the file has to say. */
const SDKS = {
  nodejs: ["package.json", '"name": "pulumi-atlas-token-sdk"'],
  python: ["pyproject.toml", 'name = "pulumi_atlas_token"'],
  go: ["atlastoken/serviceAccountToken.go", "/pulumi-atlas-token/sdk/go/atlastoken/internal"],
  dotnet: ["PulumiAtlasToken.Sdk.csproj", "<Authors>pulumi-atlas-token contributors</Authors>"],
} as const;

describe("the SDKs of the packaged provider", function () {
  this.timeout(60_000);
  let folder = "";
  let logo: Server;
  beforeEach(async () => {
    folder = await makeTempDir();
    // The generator for .NET downloads the logo, which must not come from another network here.
    logo = createServer((_, response) => response.end("<svg/>"));
    await new Promise<void>((resolve) => logo.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    logo.close();
    await removeTempDir(folder);
  });

  async function pulumi(context: Mocha.Context, ...args: string[]): Promise<void> {
    const command = await requireEngine(context);
    const PATH = [dirname(command), process.env["PATH"]].join(delimiter);
    await promisify(execFile)(command, args, { env: cleanEnv({ PATH, PULUMI_HOME: join(folder, "home") }) });
  }

  it("come from a schema that the Pulumi CLI accepts", async function () {
    await pulumi(this, "schema", "check", join(root, path));
  });

  for (const [language, [file, text]] of Object.entries(SDKS)) {
    it(`are generated with the names of this project: ${language}`, async function () {
      const hosts = [dirname(await requireEngine(this)), ...(process.env["PATH"] ?? "").split(delimiter)];
      if (!hosts.some((host) => existsSync(join(host, `pulumi-language-${language}`))))
        skip(this, `no language host for ${language} was found`);
      const logoUrl = `http://127.0.0.1:${(logo.address() as AddressInfo).port}/`;
      const built = JSON.parse(readFileSync(join(plugin, "schema.json"), "utf8")) as Json;
      writeFileSync(join(folder, "schema.json"), JSON.stringify({ ...built, logoUrl }));
      await pulumi(this, "package", "gen-sdk", join(folder, "schema.json"), "--language", language, "--out", folder);
      const sdk = join(folder, language);
      assert.ok(readFileSync(join(sdk, file), "utf8").includes(text), file);
      const files = readdirSync(sdk, { recursive: true, encoding: "utf8" }).map((name) => join(sdk, name));
      const foreign = /Pulumi Corp|example\.com|@pulumi\/atlas-token/;
      const wrong = files.filter((name) => statSync(name).isFile() && foreign.test(readFileSync(name, "utf8")));
      assert.deepEqual(wrong, []);
    });
  }
});

describe("a change of the schema", () => {
  it("breaks no program that was written for the last release", function () {
    const git = (...args: string[]): string => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout.trim();
    const tag = git("describe", "--tags", "--abbrev=0", "--match", "v*");
    if (tag === "") skip(this, "this clone has no tag of a release");
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    const breaking = breakingChanges(JSON.parse(git("show", `${tag}:${path}`)) as Json, schema);
    if (isSameLine(tag.slice(1), version)) assert.deepEqual(breaking, []);
  });

  for (const [what, text, changed, expected] of [
    ["another type", '"type":"boolean"', '"type":"string"', "config.variables.isMongodbgovCloud.type"],
    ["a property with another name", '"renewBefore":{', '"renew":{', /inputProperties\.renewBefore\.type/],
    ["an output that may be missing", '"renewBefore","accessToken"', '"renewBefore"', /required: accessToken/],
    ["a required argument", '"inputProperties":{"clientId"', '"requiredInputs":["x"],$&', /requiredInputs: x/],
    ["another package", '"pulumi_atlas_token"', '"pulumi_token"', "language.python.packageName"],
  ] as const) {
    it(`is known to break programs: ${what}`, () => {
      const other = JSON.parse(JSON.stringify(schema).replace(text, changed)) as Json;
      const matches = (change: string): boolean =>
        typeof expected === "string" ? change === expected : expected.test(change);
      assert.ok(breakingChanges(schema, other).some(matches), breakingChanges(schema, other).join());
    });
  }

  it("is known to break nothing if it only adds or describes", () => {
    const text = JSON.stringify(schema).replaceAll('"description":"', '"description":"Better: ');
    const other = text.replaceAll('"inputProperties":{', '"inputProperties":{"new":{"type":"string"},');
    assert.deepEqual(breakingChanges(schema, JSON.parse(other) as Json), []);
  });
});

/** Whether a release of one version promises to run the programs of the other. */
function isSameLine(before: string, after: string): boolean {
  const [major = "", minor = ""] = before.split(".");
  return after.startsWith(major === "0" ? `0.${minor}.` : `${major}.`);
}

/** What programs rely on and no longer find: types and names that went or changed, and what is newly required of them. */
function breakingChanges(before: unknown, after: unknown, at = ""): string[] {
  const name = at.slice(at.lastIndexOf(".") + 1);
  if (Array.isArray(before) || Array.isArray(after)) {
    const [old, now] = [before ?? [], after ?? []] as [string[], string[]];
    const isInput = name === "requiredInputs" || at.endsWith("inputs.required");
    const [wanted, offered] = isInput ? [now, old] : [old, now];
    if (!name.startsWith("required")) return [];
    return wanted.filter((entry) => !offered.includes(entry)).map((entry) => `${at}: ${entry}`);
  }
  if (typeof before === "object" || name === "requiredInputs") {
    const [old, now] = [before ?? {}, after ?? {}] as [Json, Json];
    const names = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...names].flatMap((key) => breakingChanges(old[key], now[key], at === "" ? key : `${at}.${key}`));
  }
  const isContract = ["type", "$ref"].includes(name) || at.startsWith("language.");
  return isContract && before !== undefined && before !== after ? [at] : [];
}
