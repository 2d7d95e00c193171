import { readFileSync } from "node:fs";

import type { LocalAtlas } from "../../examples/local-atlas";
import { heapInUse, TELLING_HEAP } from "../support/heap";
import type { ProviderHost } from "../support/provider-host";
import { argumentsFor } from "./accounts";
import { startBenchHost } from "./bench-host";
import type { Contender } from "./contenders";
import { ratioRow, type Row } from "./report";

const REPEATS = 3;
const MIB = 2 ** 20;

type Measure = (host: ProviderHost) => number | Promise<number>;

/** How much the provider process grows from 100 tokens to 1,000; nothing where the system does not tell. */
export async function benchMemory(atlas: LocalAtlas): Promise<Row[]> {
  if (process.platform !== "linux") return [];
  const row = { section: "Memory", rival: "idle", unit: "MiB", goal: { atMost: 20, beyond: true } } as const;
  const rows: Row[] = [];
  for (const [what, measure, nodeOptions] of [
    ["resident, growth from 100 to 1,000 tokens", residentBytes, []],
    ["in use after a collection, growth from 100 to 1,000", heapInUse, TELLING_HEAP],
  ] as const) {
    const growth: Record<"ours" | "idle", number[]> = { ours: [], idle: [] };
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const contender of ["ours", "idle"] as const) {
        growth[contender].push(await growthOf(contender, atlas, measure, nodeOptions));
      }
    }
    rows.push(ratioRow({ ...row, what }, growth.ours, growth.idle));
  }
  return rows;
}

async function growthOf(
  contender: Contender,
  atlas: LocalAtlas,
  measure: Measure,
  nodeOptions: readonly string[],
): Promise<number> {
  const { host, inputs } = await startBenchHost(contender, argumentsFor(0, atlas), nodeOptions);
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
  try {
    await live(0, 100);
    const early = await measure(host);
    await live(100, 1000);
    return ((await measure(host)) - early) / MIB;
  } finally {
    await host.close();
  }
}

function residentBytes(host: ProviderHost): number {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}
