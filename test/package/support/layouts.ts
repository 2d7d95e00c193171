import { TARBALL, type Files, type ProjectOptions } from "./project";
import { manifest, oldest } from "./repository";

/** A way in which users lay out a program and install what it needs. */
export interface Layout extends ProjectOptions {
  readonly description: string;
  /** What makes JavaScript of the program. */
  readonly compiler: "tsc" | "pulumi" | "none";
  /** Tells whether what the package manager chose is what the description says. */
  readonly versions?: Readonly<Record<string, (version: string) => boolean>>;
}

const { devDependencies, dependencies, peerDependencies, engines } = manifest;
const self = { [manifest.name]: `file:${TARBALL}` };
const sdk = { "@pulumi/pulumi": devDependencies["@pulumi/pulumi"] };
const compiler = { typescript: devDependencies["typescript"], "@types/node": devDependencies["@types/node"] };

const lowest = {
  "@pulumi/pulumi": oldest(peerDependencies["@pulumi/pulumi"]),
  undici: oldest(dependencies["undici"]),
  zod: oldest(dependencies["zod"]),
};

const program = `
import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { isAtlasOAuthError } from "pulumi-atlas-token/oauth";

if (isAtlasOAuthError(undefined)) throw new Error("the client is not what its types say");
const args: ServiceAccountTokenArgs = { renewBefore: "10m" };
const token = new ServiceAccountToken("ci", args);

export const accessToken: pulumi.Output<string> = token.accessToken;
export const expiresAt: pulumi.Output<string | undefined> = token.expiresAt;
`;

const moduleProgram = `
import { ServiceAccountToken } from "pulumi-atlas-token";
import { isAtlasOAuthError } from "pulumi-atlas-token/oauth";

if (isAtlasOAuthError(await Promise.resolve())) throw new Error("the client is not what its types say");
export const { accessToken, expiresAt } = new ServiceAccountToken("ci", { renewBefore: "10m" });
`;

const javascriptProgram = `
"use strict";
const { ServiceAccountToken } = require("pulumi-atlas-token");

const { accessToken, expiresAt } = new ServiceAccountToken("ci", { renewBefore: "10m" });
module.exports = { accessToken, expiresAt };
`;

const programOfLibrary = `
import { Credentials } from "@acme/credentials";

export const { accessToken } = new Credentials("acme").token;
`;

/** A package of components as its users install it, that is, compiled. */
function library(folder: string, packages: Readonly<Record<string, string>>): Files {
  return {
    [`${folder}/package.json`]: {
      name: "@acme/credentials",
      version: "1.0.0",
      main: "index.js",
      types: "index.d.ts",
      dependencies: packages,
      peerDependencies: { "@pulumi/pulumi": "^3.0.0" },
    },
    [`${folder}/index.js`]: `
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
    [`${folder}/index.d.ts`]: `
import { ComponentResource } from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

export declare class Credentials extends ComponentResource {
  readonly token: ServiceAccountToken;
  constructor(name: string);
}
`,
  };
}

function tsconfig(module: "node16" | "nodenext"): object {
  // Both are said, since older versions of Pulumi set the second by themselves.
  const resolution = { module, moduleResolution: module };
  return { compilerOptions: { ...resolution, target: "es2022", strict: true, skipLibCheck: true, outDir: "bin" } };
}

const pulumiYaml = "name: program\nruntime: nodejs\n";

export const layouts: readonly Layout[] = [
  {
    description: "a CommonJS program in TypeScript",
    compiler: "tsc",
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk }, devDependencies: compiler },
      "tsconfig.json": tsconfig("node16"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": program,
    },
  },
  {
    description: "a program in TypeScript that leaves the compiler and its options to Pulumi",
    compiler: "pulumi",
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk } },
      "Pulumi.yaml": pulumiYaml,
      "index.ts": program,
    },
  },
  {
    description: "a program of ECMAScript modules in TypeScript",
    compiler: "tsc",
    files: {
      "package.json": {
        private: true,
        type: "module",
        dependencies: { ...self, ...sdk },
        devDependencies: { ...compiler, "ts-node": devDependencies["ts-node"] },
      },
      "tsconfig.json": tsconfig("nodenext"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": moduleProgram,
    },
  },
  {
    description: "a program in plain JavaScript",
    compiler: "none",
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk } },
      "Pulumi.yaml": pulumiYaml,
      "index.js": javascriptProgram,
    },
  },
  {
    description: "a program that `main:` finds in a subfolder",
    compiler: "tsc",
    folder: "infrastructure",
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk }, devDependencies: compiler },
      "Pulumi.yaml": `${pulumiYaml}main: infrastructure/index.ts\n`,
      "infrastructure/tsconfig.json": tsconfig("node16"),
      "infrastructure/index.ts": program,
    },
  },
  {
    description: "a program in a monorepo that uses it through a component library, everything hoisted",
    compiler: "tsc",
    folder: "packages/infrastructure",
    files: {
      "package.json": { private: true, workspaces: ["packages/*"], devDependencies: compiler },
      ...library("packages/credentials", { [manifest.name]: `file:../../${TARBALL}` }),
      "packages/infrastructure/package.json": {
        name: "infrastructure",
        private: true,
        dependencies: { "@acme/credentials": "*", ...sdk },
      },
      "packages/infrastructure/tsconfig.json": tsconfig("node16"),
      "packages/infrastructure/Pulumi.yaml": pulumiYaml,
      "packages/infrastructure/index.ts": programOfLibrary,
    },
  },
  {
    description: "a program whose packages pnpm installed",
    compiler: "tsc",
    packageManager: "pnpm",
    files: {
      "package.json": { private: true, dependencies: { ...self, ...sdk }, devDependencies: compiler },
      "tsconfig.json": tsconfig("node16"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": program,
    },
  },
  {
    description: "a program with the oldest Node.js, Pulumi SDK and dependencies that the package allows",
    compiler: "tsc",
    node: oldest(engines["node"]),
    versions: {
      "@pulumi/pulumi": (version) => version === lowest["@pulumi/pulumi"],
      undici: (version) => version === lowest.undici,
      zod: (version) => version === lowest.zod,
    },
    files: {
      "package.json": {
        private: true,
        dependencies: { ...self, "@pulumi/pulumi": lowest["@pulumi/pulumi"] },
        devDependencies: compiler,
        overrides: { undici: lowest.undici, zod: lowest.zod },
      },
      "tsconfig.json": tsconfig("node16"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": program,
    },
  },
  {
    description: "a program with Node.js 24, the newest Pulumi SDK and undici 8",
    compiler: "tsc",
    node: "24",
    versions: {
      "@pulumi/pulumi": (version) => version !== sdk["@pulumi/pulumi"],
      undici: (version) => version.startsWith("8."),
    },
    files: {
      "package.json": {
        private: true,
        dependencies: { ...self, "@pulumi/pulumi": peerDependencies["@pulumi/pulumi"] },
        devDependencies: compiler,
        overrides: { undici: "8" },
      },
      "tsconfig.json": tsconfig("node16"),
      "Pulumi.yaml": pulumiYaml,
      "index.ts": program,
    },
  },
];

/** pnpm keeps what a library depends on out of the program's sight. */
export const undeclaredLayout: ProjectOptions = {
  packageManager: "pnpm",
  folder: "program",
  files: {
    "pnpm-workspace.yaml": 'packages: ["credentials", "program"]\n',
    ...library("credentials", { [manifest.name]: `file:../${TARBALL}` }),
    "program/package.json": { private: true, dependencies: { "@acme/credentials": "workspace:*", ...sdk } },
    "program/Pulumi.yaml": pulumiYaml,
    "program/index.js": `
"use strict";
const { Credentials } = require("@acme/credentials");

exports.accessToken = new Credentials("acme").token.accessToken;
`,
  },
};
