import type { Context } from "mocha";
import { CommandFailure, runCommand } from "./command";

const frugally = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

/** Installs what the `package.json` of a folder asks for. */
export async function npmInstall(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await install(["install", ...frugally], folder, env);
}

/** The same with pnpm, whose store is in a folder that goes with the project. */
export async function pnpmInstall(folder: string, env: NodeJS.ProcessEnv, scratch: string): Promise<void> {
  const pnpm = ["exec", "--yes", ...frugally, "--package=pnpm@10", "--", "pnpm"];
  const homes = { XDG_CACHE_HOME: scratch, XDG_DATA_HOME: scratch, XDG_STATE_HOME: scratch };
  await install([...pnpm, "install", "--prefer-offline"], folder, { ...env, ...homes });
}

const NETWORK_FAULT =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH)\b/;

class RegistryUnreachable extends Error {}

let unreachable: string | undefined;

async function install(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    // npm tries for minutes before it gives up: once is enough.
    if (unreachable === undefined) await runCommand("npm", args, { cwd, env });
  } catch (error) {
    unreachable = error instanceof CommandFailure ? NETWORK_FAULT.exec(error.output)?.[0] : undefined;
    if (unreachable === undefined) throw error;
    console.log(`  The installed programs were left out: the package registry cannot be reached (${unreachable}).`);
  }
  if (unreachable !== undefined) throw new RegistryUnreachable(unreachable);
}

/** Does what installs packages; where the registry cannot be reached, the tests that need it are pending. */
export async function needingRegistry<Result>(test: Context, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RegistryUnreachable) return test.skip();
    throw error;
  }
}
