import { once } from "node:events";
import { readFileSync } from "node:fs";

import { Provider, type Token } from "./provider";
import { figureOf, type Row } from "./report";
import type { Contender } from "./rivals/program";
import { compare, inParallel, sample } from "./samples";
import type { Workspace } from "./workspace";

/** The time of one call over gRPC: the median of many, one after the other, in each round. */
export async function benchCalls(workspace: Workspace, baseUrl: string, rounds: number, calls: number): Promise<Row[]> {
  const providers = new Map<Contender, Provider>();
  for (const contender of ["dynamic", "packaged", "plain", "bare", "bare-packaged"] as const)
    providers.set(contender, await Provider.start(workspace, contender, baseUrl));
  const measure = async (contender: Contender, round: number) => {
    const provider = providers.get(contender)!;
    const times: { create: number[]; delete: number[] } = { create: [], delete: [] };
    const tokens: Token[] = [];
    for (let index = 0; index < calls; index++) {
      const create = await provider.prepare(`token-${round}-${index}`, index);
      const start = performance.now();
      tokens.push(await create());
      times.create.push(performance.now() - start);
    }
    for (const token of tokens) {
      const start = performance.now();
      await provider.delete(token);
      times.delete.push(performance.now() - start);
    }
    return { create: figureOf(times.create).median, delete: figureOf(times.delete).median };
  };
  for (const contender of providers.keys()) await measure(contender, -1);
  const samples = await sample([...providers.keys()], (round) => round < rounds, measure);
  await Promise.all([...providers.values()].map((provider) => provider.close()));
  return (["create", "delete"] as const).flatMap((what) =>
    compare(samples, what, { what: `${what}, one call`, unit: "ms", headline: true }, [
      ["dynamic", "bare", "≤ 1.1"],
      ["packaged", "bare-packaged", "≤ 1.1"],
      ["dynamic", "plain"],
      ["packaged", "plain"],
    ]),
  );
}

/** How soon a provider process is ready; that of a dynamic resource is Pulumi's own. */
export async function benchStarts(workspace: Workspace, starts: number): Promise<Row[]> {
  const samples = await sample(
    ["packaged", "idle-packaged", "idle"],
    (round) => round < starts,
    async (contender) => {
      const provider = await Provider.start(workspace, contender);
      await provider.close();
      return { ready: provider.readyMs };
    },
  );
  return compare(samples, "ready", { what: "start until ready", unit: "ms", headline: true }, [
    ["packaged", "idle", "≤ 250 ms"],
    ["packaged", "idle-packaged"],
  ]);
}

/** The memory of a provider process after its first token, and what many more add to it, in MB. On Linux only. */
export async function benchMemory(
  workspace: Workspace,
  baseUrl: string,
  repeats: number,
  count: number,
): Promise<Row[]> {
  if (process.platform !== "linux") return [];
  const contenders = ["dynamic", "idle", "packaged", "idle-packaged"] as const;
  const samples = await sample(
    contenders,
    (round) => round < repeats,
    async (contender) => {
      const provider = await Provider.start(workspace, contender, baseUrl);
      const live = async (index: number): Promise<void> => {
        const create = await provider.prepare(`token-${index}`, index);
        await provider.delete(await create());
      };
      await live(0);
      const [resident, heap] = [residentOf(provider), await heapOf(provider)];
      await inParallel(count, live);
      const [more, moreHeap] = [residentOf(provider) - resident, (await heapOf(provider)) - heap];
      await provider.close();
      return { resident, more, moreHeap };
    },
  );
  const rows = (figure: "resident" | "more" | "moreHeap", what: string, packaged: string, dynamic = ""): Row[] =>
    compare(samples, figure, { what, unit: "MB" }, [
      ["dynamic", "idle", dynamic],
      ["packaged", "idle-packaged", packaged],
    ]);
  const after = `more after ${count.toLocaleString("en-US")} tokens`;
  return [
    ...rows("resident", "resident memory", "≤ 85 MB"),
    ...rows("more", `resident memory, ${after}`, "≤ 10 MB"),
    ...rows("moreHeap", `heap after a collection, ${after}`, "≤ 2 MB", "≤ 2 MB"),
  ];
}

function residentOf({ child }: Provider): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) * 1.024e-3;
}

async function heapOf({ child }: Provider): Promise<number> {
  child.kill("SIGUSR2");
  for (;;) {
    const [chunk] = (await once(child.stderr!, "data")) as [Buffer];
    const bytes = /^heap (\d+)$/m.exec(chunk.toString())?.[1];
    if (bytes !== undefined) return Number(bytes) / 1e6;
  }
}
