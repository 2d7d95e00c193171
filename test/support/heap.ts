import { join } from "node:path";

import type { ProviderHost } from "./provider-host";
import { until } from "./within";

/** Options of Node.js for a provider host that {@link heapInUse} can ask. */
export const TELLING_HEAP: readonly string[] = ["--expose-gc", "--require", join(__dirname, "tell-heap.cjs")];

/** How many bytes a provider host holds once its garbage is collected. */
export async function heapInUse(host: ProviderHost): Promise<number> {
  const told = (): RegExpExecArray[] => [...host.stdout.matchAll(/^in use: (\d+) bytes\n/gm)];
  const before = told().length;
  process.kill(host.pid, "SIGUSR2");
  await until("the provider to tell what it holds", () => told().length > before);
  return Number(told().at(-1)![1]);
}
