import { manifest, TARBALL, type Files, type Project } from "./project";

/** A way in which users lay out a program and install what it needs. */
export interface Layout extends Project {
  /** Whether its user compiles it, and so type-checks it. */
  readonly isCompiled?: boolean;
  /** The versions that the package manager must have chosen, or their beginnings. */
  readonly versions?: Readonly<Record<string, string>>;
}

const { devDependencies, dependencies, peerDependencies, engines } = manifest;
const self = { [manifest.name]: `file:${TARBALL}` };
const sdk = { "@pulumi/pulumi": devDependencies["@pulumi/pulumi"] };
const compiler = { typescript: devDependencies["typescript"], "@types/node": devDependencies["@types/node"] };

/** The lowest version that a range of the forms `^1.2.3` and `>=1.2.3` allows. */
function oldest(range = ""): string {
  const version = /^(?:\^|>=)(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (version === undefined) throw new Error(`the lowest version of "${range}" is not clear`);
  return version;
}

function tsconfig(module: "node16" | "nodenext"): object {
  // Both are said, since older versions of Pulumi set the second by themselves.
  const resolution = { module, moduleResolution: module };
  return { compilerOptions: { ...resolution, target: "es2022", strict: true, skipLibCheck: true, outDir: "bin" } };
}

const pulumiYaml = "name: program\nruntime: nodejs\n";
const typescript: Files = {
  "package.json": { private: true, dependencies: { ...self, ...sdk }, devDependencies: compiler },
  "tsconfig.json": tsconfig("node16"),
  "Pulumi.yaml": pulumiYaml,
  "index.ts": `
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { isAtlasOAuthError } from "pulumi-atlas-token/oauth";

if (isAtlasOAuthError(undefined)) throw new Error("the client is not what its types say");
const args: ServiceAccountTokenArgs = { renewBefore: "10m" };
const token = new ServiceAccountToken("ci", args);

export const accessToken: pulumi.Output<string> = token.accessToken;
export const expiresAt: pulumi.Output<string | undefined> = token.expiresAt;
`,
};

/** A package of components. */
const library: Files = {
  "credentials/package.json": {
    name: "@acme/credentials",
    version: "1.0.0",
    dependencies: { [manifest.name]: `file:../${TARBALL}` },
    peerDependencies: { "@pulumi/pulumi": "^3.0.0" },
  },
  "credentials/index.js": `
"use strict";
const { ComponentResource } = require("@pulumi/pulumi");
const { ServiceAccountToken } = require("pulumi-atlas-token");

exports.Credentials = class Credentials extends ComponentResource {
  constructor(name) {
    super("acme:index:Credentials", name);
    this.token = new ServiceAccountToken("ci", { renewBefore: "10m" }, { parent: this });
  }
};
`,
};

function programOfLibrary(version: string): Files {
  return {
    "Pulumi.yaml": `${pulumiYaml}main: program/index.js\n`,
    "program/package.json": {
      name: "program",
      private: true,
      dependencies: { "@acme/credentials": version, ...sdk },
    },
    "program/index.js": `
"use strict";
const { Credentials } = require("@acme/credentials");

exports.accessToken = new Credentials("acme").token.accessToken;
`,
  };
}

export const layouts: Readonly<Record<string, Layout>> = {
  "a program in TypeScript that leaves the compiler and its options to Pulumi": {
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk } },
      "Pulumi.yaml": pulumiYaml,
      "index.ts": typescript["index.ts"]!,
    },
  },
  "a program of ECMAScript modules in TypeScript": {
    isCompiled: true,
    files: {
      "package.json": {
        private: true,
        type: "module",
        dependencies: { ...self, ...sdk },
        devDependencies: { ...compiler, "ts-node": devDependencies["ts-node"] },
      },
      "tsconfig.json": tsconfig("nodenext"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": `
import { ServiceAccountToken } from "pulumi-atlas-token";
import { isAtlasOAuthError } from "pulumi-atlas-token/oauth";

if (isAtlasOAuthError(await Promise.resolve())) throw new Error("the client is not what its types say");
export const { accessToken, expiresAt } = new ServiceAccountToken("ci", { renewBefore: "10m" });
`,
    },
  },
  "a program in plain JavaScript, in a subfolder that `main` names": {
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk } },
      "Pulumi.yaml": `${pulumiYaml}main: infrastructure/index.js\n`,
      "infrastructure/index.js": `
"use strict";
const { ServiceAccountToken } = require("pulumi-atlas-token");

const { accessToken, expiresAt } = new ServiceAccountToken("ci", { renewBefore: "10m" });
module.exports = { accessToken, expiresAt };
`,
    },
  },
  "a program in a monorepo that uses it through a component library, everything hoisted": {
    files: {
      "package.json": { private: true, workspaces: ["credentials", "program"] },
      ...library,
      ...programOfLibrary("*"),
    },
  },
  "a CommonJS program in TypeScript whose packages pnpm installed": {
    isCompiled: true,
    packageManager: "pnpm",
    files: typescript,
  },
  "a program with the oldest Node.js, Pulumi SDK and dependencies that the package allows": {
    isCompiled: true,
    node: oldest(engines["node"]),
    versions: {
      "@pulumi/pulumi": oldest(peerDependencies["@pulumi/pulumi"]),
      undici: oldest(dependencies["undici"]),
      zod: oldest(dependencies["zod"]),
    },
    files: {
      ...typescript,
      "package.json": {
        private: true,
        dependencies: { ...self, "@pulumi/pulumi": oldest(peerDependencies["@pulumi/pulumi"]) },
        devDependencies: compiler,
        overrides: { undici: oldest(dependencies["undici"]), zod: oldest(dependencies["zod"]) },
      },
    },
  },
  "a program with Node.js 26, the newest Pulumi SDK and undici 8": {
    isCompiled: true,
    node: "26",
    versions: { undici: "8." },
    files: {
      ...typescript,
      "package.json": {
        private: true,
        dependencies: { ...self, "@pulumi/pulumi": peerDependencies["@pulumi/pulumi"] },
        devDependencies: compiler,
        overrides: { undici: "8" },
      },
    },
  },
};

/** pnpm keeps what a library depends on out of the program's sight. */
export const undeclared: Project = {
  packageManager: "pnpm",
  files: {
    "pnpm-workspace.yaml": 'packages: ["credentials", "program"]\n',
    ...library,
    ...programOfLibrary("workspace:*"),
  },
};
