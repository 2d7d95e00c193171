import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { cleanEnv } from "../../support/clean-env";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { runCommand, type Ended } from "./command";
import { installNode } from "./node-binary";
import { npmInstall, pnpmInstall } from "./registry";
import { tarball } from "./tarball";

/** Where every project finds the package, from its root on. */
export const TARBALL = "package.tgz";

/** Texts, and objects that are written as JSON, by path. */
export type Files = Readonly<Record<string, string | object>>;

export interface ProjectOptions {
  readonly files: Files;
  /** Where the program lies in it. Default: at its root. */
  readonly folder?: string;
  /** Default: npm. */
  readonly packageManager?: "npm" | "pnpm";
  /** The version of Node.js that installs and runs it. Default: the one that runs the tests. */
  readonly node?: string;
}

/** A project of a user, outside the repository, with everything installed. */
export interface Project {
  readonly root: string;
  /** A folder beside it, for what tools leave behind; goes with it. */
  readonly scratch: string;
  /** Where the program lies. */
  readonly folder: string;
  /** The binary of Node.js that runs it. */
  readonly node: string;
  /** What its processes find in their environment: nothing of this machine but what any program needs. */
  env(extra?: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs Node.js in the folder of the program. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Finds a module as the program would. */
  resolve(specifier: string): string;
  remove(): Promise<void>;
}

export async function makeProject(options: ProjectOptions): Promise<Project> {
  const both = await makeTempDir();
  try {
    return await install(both, options);
  } catch (error) {
    await removeTempDir(both);
    throw error;
  }
}

async function install(both: string, options: ProjectOptions): Promise<Project> {
  const { files, folder: place = ".", packageManager = "npm", node: version } = options;
  const root = join(both, "project");
  const scratch = join(both, "scratch");
  const folder = join(root, place);
  await writeFiles(root, files);
  await cp(await tarball(), join(root, TARBALL));
  for (const script of ["under-mocks.cjs", "pulumi-typescript.cjs"]) {
    await cp(join(__dirname, script), join(folder, script));
  }
  await mkdir(scratch);

  const node = version === undefined ? process.execPath : await installNode(version);
  const withNode = (path = ""): string => [dirname(node), path].join(delimiter);
  // npm prefers the versions that suit the Node.js which it runs on.
  const installEnv = { ...process.env, PATH: withNode(process.env["PATH"]) };
  await (packageManager === "pnpm" ? pnpmInstall(root, installEnv, scratch) : npmInstall(root, installEnv));

  const env: Project["env"] = (extra) => {
    const clean = cleanEnv(extra);
    return { ...clean, PATH: withNode(clean["PATH"]) };
  };
  return {
    root,
    scratch,
    folder,
    node,
    env,
    run: (args, extra) => runCommand(node, args, { cwd: folder, env: env(extra) }),
    resolve: createRequire(join(folder, "program.js")).resolve,
    remove: () => removeTempDir(both),
  };
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}
