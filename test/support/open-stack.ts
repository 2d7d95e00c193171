import { openEngineStack } from "./engine-stack";
import { findEngine, type Engine } from "./find-engine";
import { openHostStack } from "./host-stack";
import type { Stack } from "./stack";

/** `engine`: Pulumi's own. `host`: a miniature of it, which needs nothing but the SDK. */
export type DriverName = "host" | "engine";

export interface Driver {
  readonly name: DriverName;
  /** Opens an empty stack, which is closed when the test is over. */
  open(): Promise<Stack>;
}

/** Opens a stack; who opens it closes it. */
export async function openStack(driver: DriverName): Promise<Stack> {
  if (driver === "host") return openHostStack();
  const engine = await theEngine();
  if (!engine) throw new Error("no Pulumi engine was found");
  return openEngineStack(engine);
}

/**
 * Describes the same scenarios once with each driver. Where no engine is found, those of the engine are pending, and one
 * line says so; with `ENGINE=required` in the environment they fail.
 */
export function forEachDriver(describeScenarios: (driver: Driver) => void): void {
  for (const name of ["host", "engine"] as const) {
    describe(`with the ${name} driver`, function () {
      const stacks: Stack[] = [];
      // Each operation starts processes, and other suites may be using the machine.
      this.timeout(180_000);
      if (name === "engine") {
        before(async function () {
          if (!(await isEngineThere())) this.skip();
        });
      }
      afterEach(async () => {
        await Promise.all(stacks.splice(0).map((stack) => stack.close()));
      });
      describeScenarios({
        name,
        async open() {
          const stack = await openStack(name);
          stacks.push(stack);
          return stack;
        },
      });
    });
  }
}

let found: Promise<Engine | undefined> | undefined;

export function theEngine(): Promise<Engine | undefined> {
  return (found ??= findEngine());
}

let said = false;

async function isEngineThere(): Promise<boolean> {
  if (await theEngine()) return true;
  const missing = "no Pulumi engine was found on the PATH or in the cache of the pulumi package";
  if (process.env.ENGINE === "required") throw new Error(missing);
  if (!said) console.log(`  The scenarios on the real engine were left out: ${missing}.`);
  said = true;
  return false;
}
