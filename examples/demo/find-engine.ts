import { execFile } from "node:child_process";
import { access, constants, open, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** A Pulumi CLI on this machine. */
export interface Engine {
  readonly command: string;
  readonly version: string;
}

const run = promisify(execFile);
const executable = process.platform === "win32" ? "pulumi.exe" : "pulumi";

/**
 * Finds a Pulumi CLI: on the `PATH`, then in the cache of the official `pulumi` npm package, whose version
 * `PULUMI_VERSION` overrides. Downloads nothing.
 */
export async function findEngine(): Promise<Engine | undefined> {
  for (const command of [...onPath(), join(await cacheFolder(), "bin", executable)]) {
    const version = await versionOf(command);
    if (version !== undefined) return { command, version };
  }
  return undefined;
}

const INSTALLER = "https://get.pulumi.com";
const REACHABLE_WITHIN = 3_000;
const INSTALLED_WITHIN = 10 * 60_000;

/**
 * Finds a Pulumi CLI as {@link findEngine} does, or lets the official `pulumi` npm package download it once.
 *
 * @param print takes the line that says what the download costs, and the one that says why it failed
 * @returns undefined if there is no CLI and the download fails, which takes a second without internet access
 */
export async function findOrDownloadEngine(print: (line: string) => void): Promise<Engine | undefined> {
  const found = await findEngine();
  if (found) return found;
  try {
    await fetch(INSTALLER, { method: "HEAD", signal: AbortSignal.timeout(REACHABLE_WITHIN) });
    const folder = await cacheFolder();
    print(
      `No Pulumi CLI was found. Downloading it once with the pulumi npm package: a few hundred MB, kept in ${folder}.`,
    );
    await run(process.execPath, [require.resolve("pulumi/run.js"), "version"], { timeout: INSTALLED_WITHIN });
  } catch (error) {
    print(`No Pulumi CLI was found, and downloading it failed (${describe(error)}).`);
    return undefined;
  }
  return findEngine();
}

function describe(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  return cause?.code ?? name;
}

function onPath(): string[] {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, executable));
}

async function cacheFolder(): Promise<string> {
  const home = process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const manifest = await readFile(require.resolve("pulumi/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  return join(home, "versions", process.env["PULUMI_VERSION"] || version);
}

async function versionOf(command: string): Promise<string | undefined> {
  try {
    await access(command, constants.X_OK);
    if (await isInstaller(command)) return undefined;
    const { stdout } = await run(command, ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
    return /^v?(\d+\.\d+\.\d+\S*)\s*$/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** npm adds the `pulumi` package to the `PATH` of its scripts, and running that one would download the CLI. */
async function isInstaller(command: string): Promise<boolean> {
  if (dirname(command).endsWith(join("node_modules", ".bin"))) return true;
  const file = await open(command);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^#!.*\bnode\b/.test(buffer.toString("latin1", 0, bytesRead));
  } finally {
    await file.close();
  }
}
