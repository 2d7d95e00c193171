import type { OutputMap, Stack } from "@pulumi/pulumi/automation";

/** What is used of a stack of the Automation API. */
export type EphemeralStack = Pick<Stack, "name" | "up" | "destroy">;

/**
 * Keeps a stack up for as long as some work takes; destroys and removes it, whatever came of the work.
 *
 * @throws what the work threw, or that `up` or the destroy failed; an `AggregateError` of the two where there are two
 */
export async function forAsLongAs<T>(stack: EphemeralStack, work: (outputs: OutputMap) => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([up(stack).then(work)]);
  // Whatever `up` came to: also one that failed may have issued a token.
  const [destroyed] = await Promise.allSettled([destroy(stack)]);

  const reasons = [outcome, destroyed].flatMap((each): unknown[] => (each.status === "rejected" ? [each.reason] : []));
  if (outcome.status === "fulfilled" && destroyed.status === "fulfilled") return outcome.value;
  throw reasons.length === 1 ? reasons[0] : new AggregateError(reasons, "the work and the destroy failed");
}

/** Shown as it comes; an error of the Automation API would show it all once more. */
const print = { onOutput: (text: string) => void process.stderr.write(text) };

async function up(stack: EphemeralStack): Promise<OutputMap> {
  try {
    return (await stack.up(print)).outputs;
  } catch (cause) {
    throw new Error(`\`pulumi up\` of the stack ${stack.name} failed, see above`, { cause });
  }
}

async function destroy(stack: EphemeralStack): Promise<void> {
  try {
    await stack.destroy({ ...print, remove: true });
  } catch (cause) {
    const command = `pulumi destroy --stack ${stack.name} --remove`;
    throw new Error(`the stack ${stack.name} is still there: run \`${command}\` in ${__dirname}`, { cause });
  }
}
