import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { randomUUID } from "node:crypto";
import { forAsLongAs } from "./for-as-long-as";
import { runJob } from "./job";
import { program } from "./program";

async function main(command: readonly string[]): Promise<number> {
  if (command.length === 0) throw new Error("say what to run: main.ts COMMAND [ARGUMENT…]");

  const interruption = new AbortController();
  // A signal never ends this process, which still has a stack to destroy. The terminal sends Ctrl-C to Pulumi as well.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interruption.abort());

  const stack = await LocalWorkspace.createStack(
    // A name of its own: two jobs at once must not destroy each other's token.
    { projectName: "ephemeral-stack", stackName: `job-${randomUUID().slice(0, 8)}`, program },
    // Without it, a temporary folder: the provider host runs there and would not find the package.
    { workDir: __dirname },
  );
  return forAsLongAs(stack, (outputs) => runJob(command, String(outputs["accessToken"]?.value), interruption.signal));
}

main(process.argv.slice(2))
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
    for (const each of errors) process.stderr.write(`${each instanceof Error ? each.message : String(each)}\n`);
    process.exitCode = 1;
  });
