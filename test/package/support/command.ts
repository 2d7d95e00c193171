import { execFile } from "node:child_process";

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command to its end. One that fails rejects with everything it printed. */
export function runCommand(command: string, args: readonly string[], { cwd, env }: Surroundings): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new CommandFailure([command, ...args].join(" "), stdout + stderr));
    });
  });
}

export class CommandFailure extends Error {
  override readonly name = "CommandFailure";

  constructor(
    command: string,
    /** Standard output, then standard error. */
    readonly output: string,
  ) {
    super(`${command}\n${output}`);
  }
}
