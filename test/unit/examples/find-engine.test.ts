import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { findEngine } from "../../../examples/demo/find-engine";
import { makeTempDir, removeTempDir } from "../../support/work-dir";

const { version: installerVersion } = JSON.parse(readFileSync(require.resolve("pulumi/package.json"), "utf8")) as {
  version: string;
};
const engine = "#!/bin/sh\necho v3.1.4\n";
const cache = `home/versions/${installerVersion}/bin`;

interface Row {
  readonly description: string;
  /** What `pulumi` is, by folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly path: readonly string[];
  readonly version?: string;
  readonly found: string | undefined;
}

const rows: Row[] = [
  { description: "takes one on the path", files: { bin: engine }, path: ["none", "bin"], found: "bin" },
  {
    description: "passes over npm's lazy installer",
    files: { installer: '#!/usr/bin/env node\nrequire("fs").writeFileSync("/dev/stdout", "v3.1.4")\n', bin: engine },
    path: ["installer", "bin"],
    found: "bin",
  },
  {
    description: "passes over what stands for an installed package",
    files: { "node_modules/.bin": engine },
    path: ["node_modules/.bin"],
    found: undefined,
  },
  {
    description: "passes over one that does not run",
    files: { broken: "#!/bin/sh\nexit 1\n", bin: engine },
    path: ["broken", "bin"],
    found: "bin",
  },
  {
    description: "passes over something else of that name",
    files: { other: "#!/bin/sh\necho a plant\n" },
    path: ["other"],
    found: undefined,
  },
  {
    description: "takes the one that the pulumi package has downloaded",
    files: { [cache]: engine },
    path: [],
    found: cache,
  },
  {
    description: "takes the version that PULUMI_VERSION names",
    files: { [cache]: engine, "home/versions/3.9.9/bin": "#!/bin/sh\necho v3.9.9\n" },
    path: [],
    version: "3.9.9",
    found: "home/versions/3.9.9/bin",
  },
  { description: "prefers the path", files: { [cache]: engine, bin: engine }, path: ["bin"], found: "bin" },
  { description: "finds nothing where there is nothing", files: {}, path: [], found: undefined },
];

describe("the search for an engine", () => {
  const before = { ...process.env };
  let root: string;

  beforeEach(async () => {
    root = await makeTempDir();
  });

  afterEach(async () => {
    Object.assign(process.env, before);
    for (const name of ["PULUMI_HOME", "PULUMI_VERSION"])
      if (!(name in before)) Reflect.deleteProperty(process.env, name);
    await removeTempDir(root);
  });

  for (const { description, files, path, version, found } of rows) {
    it(description, async () => {
      for (const [folder, text] of Object.entries(files)) {
        await mkdir(join(root, folder), { recursive: true });
        await writeFile(join(root, folder, "pulumi"), text, { mode: 0o755 });
      }
      process.env.PATH = path.map((folder) => join(root, folder)).join(delimiter);
      process.env.PULUMI_HOME = join(root, "home");
      process.env.PULUMI_VERSION = version ?? "";

      const engine = await findEngine();
      assert.equal(engine && dirname(engine.command), found && join(root, found));
      if (engine) assert.equal(engine.version, version ?? "3.1.4");
    });
  }
});
