import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { randomUUID } from "node:crypto";

import { untilDone } from "../support/until-done";
import { runJob } from "./job";
import { program } from "./program";
import { withStack } from "./with-stack";

async function main(command: readonly string[]): Promise<number> {
  if (command.length === 0) throw new Error("pass a command to run: main.ts COMMAND [ARGUMENT…]");

  const interruption = new AbortController();
  // A signal never ends this process, which still has a stack to destroy. The terminal sends Ctrl-C to Pulumi as well.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interruption.abort());

  const stack = await LocalWorkspace.createStack(
    // A unique name, so that two jobs do not destroy each other's token.
    { projectName: "ephemeral-stack", stackName: `job-${randomUUID().slice(0, 8)}`, program },
    // The provider host runs here. The default is a temporary folder, in which it would not find the package.
    { workDir: __dirname },
  );
  return withStack(stack, (outputs) => runJob(command, String(outputs["accessToken"]?.value), interruption.signal));
}

const running = main(process.argv.slice(2))
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    const errors = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
    for (const cause of errors) process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  });
untilDone(running);
