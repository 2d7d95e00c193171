import { CommandError, type EngineEvent, type Stack } from "@pulumi/pulumi/automation";
import { countChanges } from "./changes";
import { stackOutputsOf } from "./checkpoint";
import { failedSteps, finishedSteps } from "./engine-steps";
import { withProgramListeners } from "./program-listeners";
import type { OperationOptions, Run } from "./stack";

/** What every operation of the Automation API takes. */
interface CommonOptions {
  readonly color: "never";
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

/** Runs an operation of the Automation API, and tells what came of it. */
export async function runOnEngine(
  stack: Stack,
  { onOutput }: OperationOptions,
  operate: (options: CommonOptions) => Promise<unknown>,
): Promise<Run> {
  const events: EngineEvent[] = [];
  let output = "";
  const print = (text: string) => {
    output += text;
    onOutput?.(text);
  };
  return withProgramListeners(async () => {
    const succeeded = await succeeds(
      operate({ color: "never", onOutput: print, onError: print, onEvent: (event) => events.push(event) }),
    );
    const steps = finishedSteps(events);
    const outputs = stackOutputsOf(await stack.exportStack());
    return { succeeded, steps, failed: failedSteps(events), changes: countChanges(steps), output, outputs };
  });
}

async function succeeds(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
