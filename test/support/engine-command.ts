import { spawn } from "node:child_process";
import type { CommandOptions, CommandRun } from "./stack";

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a command of the CLI to its end; one that fails is no error. */
export function runCommand(
  command: string,
  args: readonly string[],
  surroundings: Surroundings,
  { interrupt, onOutput }: CommandOptions = {},
): Promise<CommandRun> {
  return new Promise((resolve, reject) => {
    // In a group of its own, as from a shell: all that it starts gets the Ctrl-C as well.
    const detached = interrupt !== undefined;
    const child = spawn(command, args, { ...surroundings, detached, stdio: ["ignore", "pipe", "pipe"] });
    const pressCtrlC = () => process.kill(-child.pid!, "SIGINT");
    interrupt?.addEventListener("abort", pressCtrlC);
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        onOutput?.(text);
      });
    }
    child.once("error", reject).once("close", (code) => {
      interrupt?.removeEventListener("abort", pressCtrlC);
      resolve({ succeeded: code === 0, ...printed });
    });
  });
}
