import { join } from "node:path";

import { startProviderHost, type ProviderHost } from "../support/provider-host";
import { openBenchStack } from "./open-bench-stack";
import type { Properties } from "../support/values";
import { CONTENDERS, type Arguments, type Contender } from "./contenders";

const root = join(__dirname, "..", "..");

/** Pulumi's provider host with one contender in it. */
export interface BenchHost {
  readonly host: ProviderHost;
  readonly inputs: (name: string, args: Arguments) => Promise<Properties>;
}

/** Starts a host of its own for a contender, so that nobody profits from what another has loaded. */
export async function startBenchHost(
  contender: Contender,
  args: Arguments,
  nodeOptions: readonly string[] = [],
): Promise<BenchHost> {
  const provider = await providerTextOf(contender, args);
  const host = await startProviderHost({ cwd: root, nodeOptions });
  await host.configure({});
  return {
    host,
    async inputs(name, each) {
      const named = contender === "ours" ? { name } : {};
      const { inputs, failures } = await host.check({}, { ...each, ...named, __provider: provider });
      if (failures.length > 0) throw new Error(JSON.stringify(failures));
      return inputs;
    },
  };
}

/** What the state holds of the contender's provider. */
async function providerTextOf(contender: Contender, args: Arguments): Promise<string> {
  const stack = await openBenchStack("host");
  try {
    const run = await stack.up(() => {
      CONTENDERS[contender]("probe", args);
      return undefined;
    });
    if (!run.succeeded) throw new Error(run.output);
    const { deployment } = await stack.exportState();
    const text = /"__provider":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(deployment))?.[1];
    await stack.destroy();
    if (text === undefined) throw new Error(`${contender} has no provider in the state`);
    return JSON.parse(text) as string;
  } finally {
    await stack.close();
  }
}
