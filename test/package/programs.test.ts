import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../examples/local-atlas";
import { Stack } from "../engine/support/stack";
import { requireEngine } from "../support/engine";
import { environmentFor } from "../support/environment-for";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { compile, install, manifest, run, TARBALL, type Project } from "./support/project";

const dependencies = { [manifest.name]: `file:${TARBALL}` };
const devDependencies = { "@types/node": manifest.devDependencies["@types/node"] };

const clientScript = `
import { issueToken, revokeToken } from "${manifest.name}/oauth";

const account = JSON.parse(String(process.argv[2]));

async function main() {
  const { accessToken, expiresAt } = await issueToken(account);
  await revokeToken({ ...account, token: accessToken, expiresAt });
}

void main();
`;

const clientProject: Project = {
  files: {
    "package.json": { private: true, dependencies, devDependencies },
    "tsconfig.json": { compilerOptions: { module: "node16", target: "es2022", strict: true, outDir: "bin" } },
    "client.ts": clientScript,
    "client.mjs": clientScript,
  },
};

/** All that the package exports, in every way but as the program of a stack. */
const typescriptProject: Project = {
  files: {
    "package.json": {
      private: true,
      dependencies: { ...dependencies, "@pulumi/pulumi": manifest.devDependencies["@pulumi/pulumi"] },
      devDependencies,
    },
    "tsconfig.json": {
      compilerOptions: {
        ...{ module: "node16", moduleResolution: "node16", target: "es2022" },
        ...{ strict: true, skipLibCheck: true, outDir: "bin" },
      },
    },
    "types.ts": `
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { type AtlasOAuthFailure, isAtlasOAuthError, type IssuedToken, issueToken } from "pulumi-atlas-token/oauth";

export function declare(args: ServiceAccountTokenArgs): pulumi.Output<string> {
  const { tokenType, accessToken } = new ServiceAccountToken("ci", args);
  return pulumi.interpolate\`\${tokenType} \${accessToken}\`;
}

// @ts-expect-error: a typing mistake
declare({ renewBefor: "10m" });

export function issue(): Promise<IssuedToken | AtlasOAuthFailure["code"] | boolean> {
  const issued = issueToken({ baseUrl: "https://cloud.mongodb.com", clientId: "an id", clientSecret: "a secret" });
  return issued.catch((error) => isAtlasOAuthError(error) && (error.code === "aborted" ? error.sent : error.code));
}
`,
    "automation.ts": `
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { ServiceAccountToken } from "pulumi-atlas-token";

async function main(): Promise<void> {
  const program = async () => ({ accessToken: new ServiceAccountToken("ci", { renewBefore: "10m" }).accessToken });
  const stack = await LocalWorkspace.createOrSelectStack({ projectName: "inline", stackName: "test", program });
  const { outputs } = await stack.up();
  if (!outputs["accessToken"]?.secret) throw new Error("the token is no secret");
  await stack.destroy();
}

void main();
`,
  },
};

let atlas: LocalAtlas;
beforeEach(async () => (atlas = await startLocalAtlas()));
afterEach(() => atlas.close());

function assertIssuedAndRevoked(): void {
  const requests = atlas.log().map(({ endpoint, status }) => `${endpoint} ${status}`);
  assert.deepEqual(requests, ["issue 200", "revoke 200"]);
}

/** Installs a project before the tests of a suite and removes it after them. */
function installed(project: Project): () => string {
  let root = "";
  before(async function () {
    root = await makeTempDir();
    await install(this, join(root, "project"), project);
  });
  after(() => removeTempDir(root));
  return () => join(root, "project");
}

describe("The client, installed without @pulumi/pulumi", () => {
  const folder = installed(clientProject);

  it("type-checks, with its own declarations and all that they need", () => compile(folder()));

  for (const script of ["bin/client.js", "client.mjs"])
    it(`issues a token and revokes it in ${script}`, async () => {
      const account = { baseUrl: atlas.url, clientId: defaultClientId, clientSecret: defaultClientSecret };
      assert.equal(await run(process.execPath, [script, JSON.stringify(account)], folder()), "");
      assertIssuedAndRevoked();
    });

  it("leaves it to Node.js to say that the resource needs @pulumi/pulumi", async () => {
    assert.equal(existsSync(join(folder(), "node_modules/@pulumi")), false);
    const required = run(process.execPath, ["-e", `require("${manifest.name}")`], folder());
    await assert.rejects(required, /Error: Cannot find module '@pulumi\/pulumi'/);
  });
});

describe("The package, used in TypeScript", () => {
  const folder = installed(typescriptProject);

  it("has declarations that are right by themselves, without skipLibCheck", () =>
    compile(folder(), "--skipLibCheck", "false"));

  it("works in an inline program of the Automation API, and names its `main` if it is not found", async function () {
    await compile(folder());
    const stack = await Stack.open(await requireEngine(this), (empty) => {
      writeFileSync(join(empty, "Pulumi.yaml"), "name: unused\nruntime: nodejs\n");
    });
    try {
      const env = { ...stack.environment(), ...environmentFor(atlas) };
      await run(process.execPath, ["bin/automation.js"], folder(), env);
      assertIssuedAndRevoked();
      const elsewhere = await run(process.execPath, [join(folder(), "bin/automation.js")], stack.folder, env);
      assert.match(elsewhere, /is not installed in .*pass `projectSettings` whose `main` is the folder/);
    } finally {
      await stack.close();
    }
  });
});
