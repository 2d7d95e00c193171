import { execFile } from "node:child_process";
import { access, constants, open, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** A Pulumi CLI that is on this machine and runs. */
export interface Engine {
  readonly command: string;
  readonly version: string;
}

/**
 * Finds a Pulumi CLI: on the `PATH`, else in the cache of the official `pulumi` npm package, which `PULUMI_VERSION`
 * directs to another version than its own. Downloads nothing.
 */
export async function findEngine(): Promise<Engine | undefined> {
  for (const command of [...onPath(), await inCache()]) {
    const version = await versionOf(command);
    if (version !== undefined) return { command, version };
  }
  return undefined;
}

const executable = process.platform === "win32" ? "pulumi.exe" : "pulumi";

function onPath(): string[] {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, executable));
}

async function inCache(): Promise<string> {
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  return join(home, "versions", process.env.PULUMI_VERSION || (await installerVersion()), "bin", executable);
}

async function installerVersion(): Promise<string> {
  const text = await readFile(require.resolve("pulumi/package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function versionOf(command: string): Promise<string | undefined> {
  try {
    await access(command, constants.X_OK);
    if (await isInstaller(command)) return undefined;
    const { stdout } = await promisify(execFile)(command, ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return /^v?(\d+\.\d+\.\d+\S*)\s*$/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** npm puts the lazy installer of the `pulumi` package on the path of its scripts; running it would download. */
async function isInstaller(command: string): Promise<boolean> {
  if (command.includes(join("node_modules", ".bin"))) return true;
  const file = await open(command);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^#!.*\bnode\b/.test(buffer.toString("latin1", 0, bytesRead));
  } finally {
    await file.close();
  }
}
