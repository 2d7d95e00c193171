import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a command with a token in its environment, in the variable that MongoDB's own tools read.
 *
 * @returns its exit code; 130 if the signal ended it or prevented its start
 */
export async function runJob(command: readonly string[], accessToken: string, signal: AbortSignal): Promise<number> {
  if (signal.aborted) return 130;
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: "inherit",
    env: { ...process.env, MONGODB_ATLAS_ACCESS_TOKEN: accessToken },
  });
  const end = (): void => void child.kill();
  signal.addEventListener("abort", end);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? 130;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
