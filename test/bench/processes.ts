import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { heapInUse } from "../support/heap";
import { inParallel } from "../support/in-parallel";
import type { ProviderHost } from "../support/provider-host";
import { Provider, type Token } from "./provider";
import { median, type Row } from "./report";
import type { Contender } from "./rivals/program";
import { compare, sample } from "./samples";
import type { Workspace } from "./workspace";

/** The time of one call over gRPC: the median of many, one after the other, in each round. */
export async function benchCalls(workspace: Workspace, rounds: number, calls: number): Promise<Row[]> {
  const providers = new Map<Contender, Provider>();
  for (const contender of ["dynamic", "packaged", "plain", "bare", "bare-packaged"] as const)
    providers.set(contender, await Provider.start(workspace, contender));
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
    return { create: median(times.create), delete: median(times.delete) };
  };
  for (const contender of providers.keys()) await measure(contender, -1);
  const samples = await sample([...providers.keys()], rounds, measure);
  await Promise.all([...providers.values()].map((provider) => provider.host.close()));
  return (["create", "delete"] as const).flatMap((what) =>
    compare(samples, what, { section: "One call", what, unit: "ms" }, [
      ["dynamic", "bare", "≤ 1.1"],
      ["packaged", "bare-packaged", "≤ 1.1"],
      ["dynamic", "plain"],
      ["packaged", "plain"],
    ]),
  );
}

/** The first delete of a process, as a destroy makes it: it includes loading what a delete needs. */
export async function benchFirstDelete(workspace: Workspace, rounds: number): Promise<Row[]> {
  const contenders = ["dynamic", "packaged", "bare", "bare-packaged", "plain"] as const;
  const samples = await sample(contenders, rounds, async (contender, round) => {
    const [maker, provider] = [await Provider.start(workspace, contender), await Provider.start(workspace, contender)];
    const token = await (await maker.prepare(`first-${round}`, 0))();
    const start = performance.now();
    await provider.delete(token);
    const first = performance.now() - start;
    await Promise.all([maker.host.close(), provider.host.close()]);
    return { first };
  });
  return compare(samples, "first", { section: "One call", what: "delete, the first of a process", unit: "ms" }, [
    ["dynamic", "bare"],
    ["packaged", "bare-packaged"],
    ["dynamic", "plain"],
  ]);
}

const MB = 1e6;
const host = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");

/** How soon a provider process is ready; that of a dynamic resource is Pulumi's own. */
export async function benchStarts(workspace: Workspace, starts: number): Promise<Row[]> {
  const samples = await sample(["packaged", "idle-packaged", "idle"], starts, async (contender) => {
    const packaged = contender === "packaged" ? "atlas-token" : "idle";
    const plugin = join(workspace.plugins[packaged], `pulumi-resource-${packaged}`);
    const command = contender === "idle" ? [process.execPath, host] : [plugin];
    const start = performance.now();
    const child = spawn(command[0]!, [...command.slice(1), "127.0.0.1:1"], { cwd: workspace.folder });
    await once(child.stdout, "data");
    const ready = performance.now() - start;
    child.kill("SIGKILL");
    await once(child, "exit");
    return { ready };
  });
  return compare(samples, "ready", { section: "Process", what: "start until ready", unit: "ms" }, [
    ["packaged", "idle", "≤ 250 ms"],
    ["packaged", "idle-packaged"],
  ]);
}

/** The memory of a provider process after its first token, and what many more add to it, in MB. On Linux only. */
export async function benchMemory(workspace: Workspace, repeats: number, count: number): Promise<Row[]> {
  if (process.platform !== "linux") return [];
  const rows: Row[] = [];
  // In processes of their own: a collection changes how much memory is resident.
  for (const [what, read, at, targets] of [
    ["resident memory", residentOf, "≤ 85 MB", ["", "≤ 10 MB"]],
    ["heap after a collection", heapInUse, "", ["≤ 2 MB", "≤ 2 MB"]],
  ] as const) {
    const contenders = ["dynamic", "idle", "packaged", "idle-packaged"] as const;
    const samples = await sample(contenders, repeats, async (contender) => {
      const provider = await Provider.start(workspace, contender);
      const live = async (index: number): Promise<void> => {
        const create = await provider.prepare(`token-${index}`, index);
        await provider.delete(await create());
      };
      await live(0);
      const early = (await read(provider.host)) / MB;
      await inParallel([...Array(count).keys()], live);
      const more = (await read(provider.host)) / MB - early;
      await provider.host.close();
      return { early, more };
    });
    const compareBoth = (
      figure: "early" | "more",
      name: string,
      [dynamic, packaged]: readonly [string, string],
    ): Row[] =>
      compare(samples, figure, { section: "Process", what: name, unit: "MB" }, [
        ["dynamic", "idle", dynamic],
        ["packaged", "idle-packaged", packaged],
      ]);
    rows.push(...compareBoth("early", what, ["", at]));
    rows.push(...compareBoth("more", `${what}, more after ${count.toLocaleString("en-US")} tokens`, targets));
  }
  return rows;
}

function residentOf({ pid }: ProviderHost): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
