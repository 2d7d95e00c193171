import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { cleanEnv } from "../../support/clean-env";
import { within } from "../../support/within";

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

/** Starts an example's script as its README says, with only the given environment. */
export function startScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", file, ...args], {
    cwd: repository,
    env: cleanEnv(env),
  });
  const output = [text(child.stdout).catch(() => ""), text(child.stderr)] as const;
  const closed = within(200, `${file} to end`, once(child, "close")).finally(() => child.kill("SIGKILL"));
  const ended = Promise.all([closed, ...output]).then(([[code], out, err]) => ({
    code: code as number | null,
    out,
    err,
  }));
  return { child, ended };
}

export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Sends every signal that a script must survive, all while it is stopped: one that it does not handle ends it. */
export function killWithEverySignal(child: ChildProcess): void {
  for (const signal of ["SIGSTOP", ...SIGNALS, "SIGCONT"] as const) child.kill(signal);
}
