import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { cleanEnv } from "../../support/clean-env";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { skip } from "../../support/skip";

export const repository = dirname(dirname(dirname(__dirname)));

type Dependencies = "dependencies" | "peerDependencies" | "devDependencies";
type Manifest = Readonly<
  Record<"name" | "version", string> & Record<"engines" | "scripts" | Dependencies, Record<string, string>>
>;

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

export const manifest = readManifest(repository);

/** Where every project finds the package, from its root on. */
export const TARBALL = "package.tgz";

/** Texts, and objects that are written as JSON, by path. */
export type Files = Readonly<Record<string, string | object>>;

export interface Project {
  readonly files: Files;
  /** Default: npm. */
  readonly packageManager?: "npm" | "pnpm";
  /** The version of Node.js that installs and runs it. Default: the one that runs the tests. */
  readonly node?: string;
}

/** Runs a command to its end and returns all that it printed, with which it rejects if it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = cleanEnv(),
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`${[command, ...args].join(" ")}\n${stdout}${stderr}`));
    });
  });
}

/** Checks the types of a project as its `tsconfig.json` says, and writes what Node.js runs. */
export async function compile(folder: string, ...flags: readonly string[]): Promise<void> {
  const compiler = require.resolve("typescript/bin/tsc");
  await run(process.execPath, [compiler, "--project", folder, "--pretty", "false", ...flags], folder);
}

/**
 * Writes a project of a user into a folder outside the repository and installs everything that it needs, or skips the test
 * if the package registry cannot be reached.
 *
 * @returns the `PATH` on which it finds its Node.js
 */
export async function install(context: Mocha.Context, folder: string, project: Project): Promise<string> {
  for (const [path, content] of Object.entries(project.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  cpSync(await tarball(), join(folder, TARBALL));
  return skipIfUnreachable(context, async () => {
    const node = project.node === undefined ? process.execPath : await installNode(join(folder, ".."), project.node);
    const PATH = [dirname(node), process.env["PATH"]].join(delimiter);
    // npm prefers the versions that suit the Node.js which it runs on.
    const env = { ...process.env, PATH };
    await (project.packageManager === "pnpm" ? pnpmInstall(folder, env) : npm(["install"], folder, env));
    return PATH;
  });
}

/** Does what needs the package registry, or skips the test if it cannot be reached. */
export async function skipIfUnreachable<T>(context: Mocha.Context, install: () => Promise<T>): Promise<T> {
  try {
    return await install();
  } catch (error) {
    unreachable ??= NETWORK_FAULT.exec((error as Error).message)?.[0];
    if (unreachable === undefined) throw error;
    return skip(context, `the package registry cannot be reached (${unreachable})`);
  }
}

const NETWORK_FAULT =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH)\b/;
let unreachable: string | undefined;

async function npm([command = "", ...args]: readonly string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  // npm tries for minutes before it gives up: once is enough.
  if (unreachable !== undefined) throw new Error(unreachable);
  const frugally = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", [command, ...frugally, ...args], folder, env);
}

/** Installs with pnpm, whose store goes with the project. */
async function pnpmInstall(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const store = join(folder, "..", "pnpm");
  const homes = { XDG_CACHE_HOME: store, XDG_DATA_HOME: store, XDG_STATE_HOME: store };
  const args = ["exec", "--yes", "--package=pnpm@10", "--", "pnpm", "install", "--prefer-offline"];
  await npm(args, folder, { ...env, ...homes });
}

/** Installs a version of Node.js, or the newest of a release line, and finds its binary. */
async function installNode(root: string, version: string): Promise<string> {
  // The package named `node` has no binary: its install script fetches one of these.
  const name = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const carrier = `${name}-${process.platform}-${process.arch}`;
  const folder = join(root, "node");
  mkdirSync(folder);
  const dependencies = { [carrier]: version };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await npm(["install"], folder, process.env);
  return join(folder, "node_modules", carrier, "bin", "node");
}

let packed: Promise<string> | undefined;

/** What `npm publish` would send, as a file outside the repository; packed once. */
export function tarball(): Promise<string> {
  return (packed ??= pack());
}

async function pack(): Promise<string> {
  const folder = await makeTempDir();
  // Without scripts: `prepack` would rebuild what other tests are using.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], repository, process.env);
  return join(folder, `${manifest.name}-${manifest.version}.tgz`);
}

after(async () => {
  if (packed !== undefined) await removeTempDir(dirname(await packed));
});
