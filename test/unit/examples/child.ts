import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { cleanEnv } from "../../support/clean-env";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Script {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
}

const repository = join(__dirname, "../../..");

/** Starts an example's script as its README says, in an environment of this machine's path and what is given. */
export function startScript(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Script {
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", file, ...args], {
    cwd: repository,
    env: cleanEnv(env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]).then(
    ([[code], out, err]) => ({ code: code as number | null, out, err }),
  );
  return { child, ended };
}
