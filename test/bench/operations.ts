import type { LocalAtlas } from "../../examples/local-atlas";
import type { Properties } from "../support/values";
import { argumentsFor } from "./accounts";
import { startBenchHost, type BenchHost } from "./bench-host";
import type { Contender } from "./contenders";
import { ratioRow, type Goal, type Row } from "./report";

const REPEATS = 15;
const CALLS = 60;
const OPERATIONS = ["check", "diff", "create", "delete"] as const;
type Operation = (typeof OPERATIONS)[number];

interface Rival {
  readonly contender: Contender;
  readonly called: string;
  readonly goal?: Goal;
}

const plain: Rival = { contender: "plain", called: "plain" };
const idle: Rival = { contender: "idle", called: "idle" };
const bare: Rival = { contender: "bare", called: "idle + a bare request", goal: { atMost: 1.1 } };
/** An issue must not meet a connection that is closed under it: what that alone costs. */
const fresh: Rival = { contender: "fresh", called: "the same on a fresh connection" };

const RIVALS: Readonly<Record<Operation, readonly Rival[]>> = {
  check: [plain, idle],
  diff: [plain, idle],
  create: [plain, bare, fresh],
  delete: [plain, bare],
};

/** The latency of an operation, in milliseconds, one call after the other. */
export async function benchOperations(atlas: LocalAtlas): Promise<Row[]> {
  const hosts = new Map<Contender, BenchHost>();
  const times = new Map<Contender, Record<Operation, number[]>>();
  try {
    for (const contender of ["ours", "plain", "idle", "bare", "fresh"] as const) {
      hosts.set(contender, await startBenchHost(contender, argumentsFor(0, atlas)));
      times.set(contender, { check: [], diff: [], create: [], delete: [] });
    }
    // The first round only warms up.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      for (const [contender, host] of hosts) {
        const round = await runRound(host, atlas, repeat);
        if (repeat > 0) for (const operation of OPERATIONS) times.get(contender)![operation].push(round[operation]);
      }
    }
  } finally {
    await Promise.all([...hosts.values()].map(({ host }) => host.close()));
  }

  return OPERATIONS.flatMap((operation) =>
    RIVALS[operation].map(({ contender, called, goal }) =>
      ratioRow(
        { section: "Operations", what: `${operation} (ms a call)`, rival: called, unit: "ms", ...(goal && { goal }) },
        times.get("ours")![operation],
        times.get(contender)![operation],
      ),
    ),
  );
}

/** Milliseconds a call, over many. */
async function timed(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await work(index);
  return (performance.now() - start) / count;
}

async function runRound(bench: BenchHost, atlas: LocalAtlas, repeat: number): Promise<Record<Operation, number>> {
  const inputs: Properties[] = [];
  const created: { id: string; outs: Properties }[] = [];
  const check = await timed(CALLS, async (index) => {
    inputs[index] = await bench.inputs(`token-${repeat}-${index}`, argumentsFor(index, atlas));
  });
  const create = await timed(CALLS, async (index) => {
    created[index] = await bench.host.create(inputs[index]!);
  });
  const diff = await timed(CALLS, async (index) => {
    await bench.host.diff(created[index]!.id, created[index]!.outs, inputs[index]!);
  });
  const remove = await timed(CALLS, (index) => bench.host.delete(created[index]!.id, created[index]!.outs));
  return { check, diff, create, delete: remove };
}
