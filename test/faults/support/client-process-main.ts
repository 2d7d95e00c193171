import { DEFAULT_TIMEOUTS } from "../../../provider/oauth/client-settings";
import type { Job } from "./client-process";
import { call, setEnvironment, settingsFor, Stage } from "./stage";
import { check } from "./table";

/* The part of `ClientProcess` that runs in the other process. */

const problems: string[] = [];

process.on("unhandledRejection", (reason) => problems.push(String(reason)));
process.on("warning", ({ message }) => {
  // Node.js tells whoever set that variable.
  if (!message.includes("NODE_TLS_REJECT_UNAUTHORIZED")) problems.push(message);
});
process.on("message", (job: Job) => {
  void run(job)
    .catch((error: unknown) => problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    .then(report);
});
report();

function report(): void {
  process.send?.(problems.splice(0));
}

async function run({ endpoint, expected, baseUrl, env }: Job): Promise<void> {
  const stage = new Stage(DEFAULT_TIMEOUTS.attemptMs);
  const restore = setEnvironment(env);
  const { signal } = stage.caller;
  const played = await call(endpoint, { baseUrl, signal }, settingsFor(stage)).finally(restore);
  check(endpoint, expected, played, stage);
}
