import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { ProviderHost } from "./provider-host";

/** Options of Node.js for a provider host that {@link heapInUse} can ask. */
export const TELLING_HEAP: readonly string[] = ["--expose-gc", "--require", join(__dirname, "tell-heap.cjs")];

/** How many bytes a provider host holds once its garbage is collected. */
export async function heapInUse(host: ProviderHost): Promise<number> {
  const told = (): RegExpExecArray[] => [...host.stdout.matchAll(/^in use: (\d+) bytes\n/gm)];
  const before = told().length;
  process.kill(host.pid, "SIGUSR2");
  while (told().length === before) await setImmediate();
  return Number(told().at(-1)![1]);
}
