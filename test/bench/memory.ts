import { readFileSync } from "node:fs";

import type { LocalAtlas } from "../../examples/local-atlas";
import { argumentsFor } from "./accounts";
import { startBenchHost } from "./bench-host";
import { CONTENDERS, type ContenderName } from "./contenders";
import type { Row } from "./report";
import { figureOf, ratioOf } from "./statistics";

/** How much the provider process grows from 100 tokens to 1,000, in MiB; nothing where the system does not tell. */
export async function benchMemory(atlas: LocalAtlas): Promise<Row[]> {
  if (process.platform !== "linux") return [];
  const growth = new Map<ContenderName, number>();
  for (const contender of CONTENDERS) {
    const { host, inputs } = await startBenchHost(contender, argumentsFor(0, atlas));
    try {
      const live = async (from: number, to: number): Promise<void> => {
        for (let start = from; start < to; start += 8) {
          const batch = Array.from({ length: Math.min(8, to - start) }, (_, index) => start + index);
          await Promise.all(
            batch.map(async (index) => {
              const { id, outs } = await host.create(await inputs(`token-${index}`, argumentsFor(index, atlas)));
              await host.delete(id, outs);
            }),
          );
        }
      };
      await live(0, 100);
      const early = residentMiB(host.pid);
      await live(100, 1000);
      growth.set(contender.name, residentMiB(host.pid) - early);
    } finally {
      await host.close();
    }
  }
  const [ours, idle] = [[growth.get("ours")!], [growth.get("idle")!]];
  return [
    {
      section: "Memory",
      what: "growth from 100 to 1,000 tokens",
      ours: figureOf(ours),
      rival: "idle",
      theirs: figureOf(idle),
      ratio: ratioOf(ours, idle),
      unit: "MiB",
    },
  ];
}

function residentMiB(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}
