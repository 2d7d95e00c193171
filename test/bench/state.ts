import type { LocalAtlas } from "../../examples/local-atlas";
import type { DriverName } from "../support/open-stack";
import type { Deployment } from "../support/stack";
import { openBenchStack } from "./open-bench-stack";
import { argumentsFor } from "./accounts";
import { CONTENDERS, type Contender } from "./contenders";
import { ratioRow, type Row } from "./report";

const REPEATS = 5;

/** What a resource leaves in the state, and what a preview of many takes. */
export async function benchState(atlas: LocalAtlas, driver: DriverName): Promise<Row[]> {
  const [ours, plain] = [await bytesOf("ours", atlas, driver), await bytesOf("plain", atlas, driver)];
  const row = { section: "State", what: "bytes a resource", rival: "plain", unit: "bytes", goal: { atMost: 0.5 } };
  const rows = [ratioRow(row, [ours], [plain])];
  // Without the engine a preview would measure the driver of the tests.
  if (driver === "engine") for (const count of [100, 1000]) rows.push(await previewRow(count, atlas));
  return rows;
}

/** From 10 resources to 20, so that what the stack itself takes does not count. */
async function bytesOf(contender: Contender, atlas: LocalAtlas, driver: DriverName): Promise<number> {
  const stack = await openBenchStack(driver);
  try {
    const sizes: number[] = [];
    for (const count of [10, 20]) {
      const run = await stack.up(() => declareMany(contender, atlas, count));
      if (!run.succeeded) throw new Error(run.output);
      sizes.push(JSON.stringify(await stack.exportState()).length);
    }
    await stack.destroy();
    return (sizes[1]! - sizes[0]!) / 10;
  } finally {
    await stack.close();
  }
}

async function previewRow(count: number, atlas: LocalAtlas): Promise<Row> {
  const times: Record<"ours" | "idle", number[]> = { ours: [], idle: [] };
  const stacks = await Promise.all(
    (["ours", "idle"] as const).map(async (contender) => {
      const stack = await openBenchStack("engine");
      const run = await stack.up(() => declareMany(contender, atlas, 1));
      if (!run.succeeded) throw new Error(run.output);
      await stack.importState(multiplied(await stack.exportState(), count));
      return { contender, stack };
    }),
  );
  try {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const { contender, stack } of stacks) {
        const start = performance.now();
        const run = await stack.preview(() => declareMany(contender, atlas, count));
        times[contender].push((performance.now() - start) / 1000);
        if (run.changes.same !== count) throw new Error(`${contender}: ${run.output.slice(0, 2000)}`);
      }
    }
  } finally {
    await Promise.all(stacks.map(({ stack }) => stack.close()));
  }
  const row = { section: "State", rival: "idle", unit: "s", goal: { atMost: 1.05 } };
  return ratioRow({ ...row, what: `\`pulumi preview\` of ${count}` }, times.ours, times.idle);
}

function declareMany(contender: Contender, atlas: LocalAtlas, count: number): undefined {
  for (let index = 0; index < count; index++) CONTENDERS[contender](`token-${index}`, argumentsFor(index, atlas));
}

/** The same resource many times under names of their own: to issue a thousand tokens is not what is measured. */
function multiplied({ version, deployment }: Deployment, count: number): Deployment {
  const { resources, ...rest } = deployment as { resources: { urn: string }[] };
  const [first] = resources.filter(({ urn }) => urn.endsWith("::token-0"));
  const copies = Array.from({ length: count }, (_, index) => {
    const text = JSON.stringify(first).replaceAll(/token-0(?!\d)/g, `token-${index}`);
    const copy = JSON.parse(text) as { inputs: object; outputs: object };
    const { clientId } = argumentsFor(index, { url: "" });
    return { ...copy, inputs: { ...copy.inputs, clientId }, outputs: { ...copy.outputs, clientId } };
  });
  return { version, deployment: { ...rest, resources: [...resources.filter((each) => each !== first), ...copies] } };
}
