import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { Context } from "mocha";
import { findOrDownloadEngine } from "../../../examples/demo/find-engine";
import { runCommand } from "./command";
import type { Project } from "./project";

let found: ReturnType<typeof findOrDownloadEngine> | undefined;
let said = false;

/** The command of the real engine. Where there is none the test is pending, or fails with `ENGINE=required`. */
export async function needingEngine(test: Context): Promise<string> {
  const engine = await (found ??= findOrDownloadEngine(console.log));
  if (engine !== undefined) return engine.command;
  const missing = "no Pulumi CLI was found";
  if (process.env["ENGINE"] === "required") throw new Error(missing);
  if (!said) console.log(`  The installed programs were left out on the real engine: ${missing}.`);
  said = true;
  return test.skip();
}

/** The environment of a project in which the engine keeps everything beside the project. */
export async function engineEnv(
  project: Project,
  command: string,
  extra: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const backend = join(project.scratch, "backend");
  await mkdir(backend, { recursive: true });
  const env = project.env({
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "passphrase",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_HOME: join(project.scratch, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    TMPDIR: project.scratch,
    ...extra,
  });
  // Before the rest of the path, on which npm puts the lazy installer of the `pulumi` package.
  return { ...env, PATH: [dirname(project.node), dirname(command), env["PATH"]].join(delimiter) };
}

/** A Pulumi command line, used in the folder of a program. */
export type Pulumi = (...args: readonly string[]) => Promise<void>;

export async function pulumiIn(
  project: Project,
  command: string,
  extra: Readonly<Record<string, string>>,
): Promise<Pulumi> {
  const env = await engineEnv(project, command, extra);
  return async (...args) => {
    await runCommand(command, [...args, "--non-interactive", "--color=never"], { cwd: project.folder, env });
  };
}
