import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { cleanEnv } from "../../support/clean-env";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const repository = join(__dirname, "../../..");

/** The path of a file of an example. */
export function examplePath(...parts: readonly string[]): string {
  return join(repository, "examples", ...parts);
}

/** Starts an example's script as its README says, with only the given environment; `stdout` is a file descriptor. */
export function startScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdout: number | "pipe" = "pipe",
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", file, ...args], {
    cwd: repository,
    env: cleanEnv(env),
    stdio: ["pipe", stdout, "pipe"],
  });
  const output = child.stdout ? text(child.stdout).catch(() => "") : "";
  const ended = Promise.all([once(child, "close"), output, text(child.stderr!)]).then(([[code], out, err]) => ({
    code: code as number | null,
    out,
    err,
  }));
  return { child, ended };
}
