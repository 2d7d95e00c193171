import { LocalWorkspace, PulumiCommand, Stack as PulumiStack } from "@pulumi/pulumi/automation";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { resourcesOf } from "./checkpoint";
import { cleanEnv } from "./clean-env";
import { runCommand } from "./engine-command";
import { runOnEngine } from "./engine-run";
import type { Engine } from "./find-engine";
import { projectName, stackName } from "./names";
import type { OperationOptions, Stack } from "./stack";
import { linkPackages, makeTempDir, removeTempDir } from "./work-dir";

/** Opens a stack that the real engine runs, with everything that belongs to it in a temporary folder. */
export async function openEngineStack(engine: Engine): Promise<Stack> {
  const root = await makeTempDir();
  const folder = join(root, "program");
  const backend = join(root, "backend");
  const home = join(root, "home");
  for (const path of [folder, backend, join(root, "bin")]) await mkdir(path);
  await linkPackages(folder);
  // The Automation API wants its CLI in a folder named `bin`, and not every installation has one.
  await symlink(engine.command, join(root, "bin", "pulumi"));

  const settingsFile = join(folder, `Pulumi.${stackName}.yaml`);
  const env: Record<string, string> = {};
  const settings = {
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const workspace = await LocalWorkspace.create({
    workDir: folder,
    pulumiHome: home,
    pulumiCommand: await PulumiCommand.get({ root }),
    projectSettings: { name: projectName, runtime: "nodejs" },
    envVars: commandEnv(engine, settings),
  });
  const stack = await PulumiStack.create(stackName, workspace);
  const run: typeof runOnEngine = (...args) => {
    workspace.envVars = commandEnv(engine, { ...settings, ...env });
    return runOnEngine(...args);
  };

  return {
    folder,
    env,
    setConfig: (key, value, { secret = false } = {}) => stack.setConfig(key, { value, secret }),
    up: (program, { refresh = false, continueOnError = false, ...options } = {}) =>
      run(stack, options, (common) =>
        stack.up({ ...common, ...selection(options), program: asPulumi(program), refresh, continueOnError }),
      ),
    preview: (program, { refresh = false, ...options } = {}) =>
      run(stack, options, (common) =>
        stack.preview({ ...common, ...selection(options), program: asPulumi(program), refresh }),
      ),
    refresh: (options = {}) => run(stack, options, (common) => stack.refresh({ ...common, ...selection(options) })),
    destroy: ({ program, continueOnError = false, ...options } = {}) =>
      run(stack, options, async (common) => {
        if (program) workspace.program = asPulumi(program);
        const runProgram = program !== undefined;
        try {
          await stack.destroy({ ...common, ...selection(options), continueOnError, runProgram });
        } finally {
          delete workspace.program;
        }
      }),
    state: async () => resourcesOf(await stack.exportStack()),
    exportText: async () => readFiles([settingsFile, ...(await filesIn(backend))]),
    exportState: () => stack.exportStack(),
    importState: ({ version, deployment }) => stack.importStack({ version, deployment }),
    command: (args, options) =>
      runCommand(
        engine.command,
        [...args, "--stack", stackName, "--non-interactive", "--color", "never"],
        { cwd: folder, env: commandEnv(engine, { ...settings, PULUMI_HOME: home, ...env }) },
        options,
      ),
    close: () => removeTempDir(root),
  };
}

/** The Automation API adds what it is given to the environment of the test: what must not get through is unset. */
function commandEnv(engine: Engine, extra: Record<string, string>): Record<string, string> {
  const unset = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const { PATH, ...others } = cleanEnv(extra);
  return { ...unset, PATH: `${dirname(engine.command)}${delimiter}${PATH ?? ""}`, ...others };
}

function selection({ targets, targetDependents = false, interrupt }: OperationOptions) {
  return {
    ...(targets ? { target: targets.map((name) => `**::${name}`), targetDependents } : {}),
    ...(interrupt ? { signal: interrupt } : {}),
  };
}

function asPulumi<T>(program: () => T | Promise<T>): () => Promise<T> {
  return async () => program();
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function readFiles(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
}
