import { ConcurrentUpdateError, type OutputMap, type Stack } from "@pulumi/pulumi/automation";

/** The part of a stack of the Automation API that is used here. */
export type EphemeralStack = Pick<Stack, "name" | "up" | "destroy" | "cancel">;

/**
 * Brings up a stack for some work, then destroys and removes it, even if `up` or the work fails.
 *
 * @throws the error of `up`, the work or the destroy; an `AggregateError` if there are two
 */
export async function withStack<T>(stack: EphemeralStack, work: (outputs: OutputMap) => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([up(stack).then(work)]);
  // An `up` that failed may have issued a token as well.
  const [destroyed] = await Promise.allSettled([destroy(stack)]);

  if (outcome.status === "fulfilled" && destroyed.status === "fulfilled") return outcome.value;
  const settled = [outcome, destroyed];
  const errors = settled.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, "both the work and the destroy failed");
}

/** Prints Pulumi's output at once; an error of the Automation API would contain all of it again. */
const print = { onOutput: (text: string) => void process.stderr.write(text) };

async function up(stack: EphemeralStack): Promise<OutputMap> {
  try {
    return (await stack.up(print)).outputs;
  } catch (cause) {
    throw new Error(`\`pulumi up\` of the stack ${stack.name} failed; see its output above`, { cause });
  }
}

async function destroy(stack: EphemeralStack): Promise<void> {
  const options = { ...print, remove: true };
  try {
    await stack.destroy(options).catch(async (error: unknown) => {
      if (!(error instanceof ConcurrentUpdateError)) throw error;
      // The terminal was closed, and its SIGHUP killed Pulumi before it could unlock the stack.
      await stack.cancel();
      await stack.destroy(options);
    });
  } catch (cause) {
    const command = `pulumi destroy --stack ${stack.name} --remove`;
    throw new Error(`the stack ${stack.name} still exists; run \`${command}\` in ${__dirname}`, { cause });
  }
}
