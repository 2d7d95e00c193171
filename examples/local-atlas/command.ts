import { parseArgs } from "node:util";

import { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "./index";

/**
 * Starts Local Atlas with the flags of a command line and the `PORT` of an environment.
 *
 * @throws an error whose message is one line for the terminal
 */
export async function startFromCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<LocalAtlas> {
  const options = readOptions(args, env);
  try {
    return await startLocalAtlas(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`port ${options.port} on 127.0.0.1 is in use; choose another one with PORT=… npm run atlas`);
  }
}

function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): LocalAtlasOptions & { port: number } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { lifetime: text, window: text, limit: text } });
  return {
    port: readPort(env["PORT"] ?? "8765"),
    ...(values.lifetime !== undefined && { lifetimeSeconds: readNumber("--lifetime", values.lifetime) }),
    ...(values.window !== undefined && { windowSeconds: readNumber("--window", values.window) }),
    ...(values.limit !== undefined && { requestsPerWindow: readNumber("--limit", values.limit) }),
  };
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new Error(`PORT must be a whole number from 0 to 65535, not "${text}"`);
}

function readNumber(flag: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`${flag} must be a number, not "${text}"`);
}
