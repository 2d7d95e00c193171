import { DEFAULT_TIMEOUTS } from "../../../provider/oauth/client-settings";
import { call, settingsFor } from "./call";
import { check } from "./check";
import type { Job, Report } from "./client-process";
import { setEnvironment } from "./environment";
import { Stage } from "./stage";

/* The part of `ClientProcess` that runs in the other process. */

let problems: string[] = [];

process.on("unhandledRejection", (reason) => problems.push(String(reason)));
process.on("warning", ({ message }) => {
  // The one that tells whoever set it.
  if (!message.includes("NODE_TLS_REJECT_UNAUTHORIZED")) problems.push(message);
});

process.on("message", (job: Job) => {
  void run(job)
    .catch((error: unknown) => problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    .then(report);
});
report();

function report(): void {
  const message: Report = { problems };
  problems = [];
  process.send?.(message);
}

async function run({ endpoint, expected, baseUrl, env }: Job): Promise<void> {
  const stage = new Stage(DEFAULT_TIMEOUTS.attemptMs);
  const restore = setEnvironment(env);
  const { signal } = stage.caller;
  const played = await call(endpoint, { baseUrl, signal }, settingsFor(stage)).finally(restore);
  check(endpoint, expected, played, stage, { baseUrl });
}
