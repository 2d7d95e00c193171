import { countChanges } from "../changes";
import type { CheckpointResource } from "../checkpoint";
import { withProgramListeners } from "../program-listeners";
import type { DestroyOptions, Program, Run, UpOptions } from "../stack";
import { reveal } from "../values";
import { Deployment } from "./deployment";
import { Hosts } from "./hosts";
import { serve } from "./monitor";
import type { Operation } from "./operation";
import { Providers, type StackConfig } from "./providers";
import { refreshAll } from "./refresh";
import { runProgram } from "./run-program";
import { Slots } from "./slots";
import { Snapshot } from "./snapshot";
import { Targets } from "./targets";
import { stackUrn, Transcript } from "./transcript";

export interface RunInput {
  readonly kind: "preview" | "update" | "refresh" | "destroy";
  readonly program?: Program;
  readonly options: UpOptions & Omit<DestroyOptions, "program">;
  readonly resources: readonly CheckpointResource[];
  readonly config: StackConfig;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** As many operations at once as the engine runs on two cores. */
const parallelism = 8;

/** Runs an operation from beginning to end. Tells, besides, what there is then; a preview's answer is to be dropped. */
export async function run(input: RunInput): Promise<{ readonly run: Run; readonly resources: CheckpointResource[] }> {
  const { kind, program, options, config } = input;
  const snapshot = new Snapshot(input.resources);
  const transcript = new Transcript(kind, options.onOutput ?? (() => undefined));
  const hosts = new Hosts(input.folder, input.env);
  const operation: Operation = {
    preview: kind === "preview",
    destroy: kind === "destroy",
    continueOnError: options.continueOnError ?? false,
    targets: new Targets(options.targets, options.targetDependents ?? false),
    snapshot,
    transcript,
    providers: new Providers(snapshot, hosts, config),
  };
  const slots = new Slots(parallelism);
  const deployment = new Deployment(operation, slots);
  const interrupt = () => {
    transcript.interrupted();
    deployment.stop();
  };
  options.interrupt?.addEventListener("abort", interrupt, { once: true });

  let refreshed = true;
  try {
    if (kind === "refresh") refreshed = await refreshAll(operation, "what was found", slots);
    else if (options.refresh) refreshed = await refreshAll(operation, "that it was read", slots);
    if (refreshed && kind !== "refresh") await deploy(deployment, operation, config, program);
  } finally {
    options.interrupt?.removeEventListener("abort", interrupt);
    transcript.print((await hosts.close()).trimEnd());
  }

  // Interrupted, a plain destroy begins nothing more, and claims all the same that everything was deleted.
  const heedless = kind === "destroy" && !program;
  const word = kind === "preview" ? "preview" : "update";
  if (!refreshed || deployment.failedInSteps) transcript.diagnose("error", `${word} failed`);
  else if (options.interrupt?.aborted && !heedless) transcript.diagnose("error", `${word} canceled`);
  const resources = [...snapshot.now];
  const outputs = resources.find(({ urn }) => urn === stackUrn)?.outputs ?? {};
  return {
    run: {
      succeeded: refreshed && (heedless ? !deployment.failedInSteps : deployment.succeeded),
      steps: transcript.steps,
      failed: transcript.failed,
      changes: countChanges(transcript.steps),
      output: transcript.close(outputs),
      outputs: reveal(outputs),
    },
    resources,
  };
}

async function deploy(
  deployment: Deployment,
  { preview, transcript }: Operation,
  { values, secretKeys }: StackConfig,
  program: Program | undefined,
): Promise<void> {
  if (program) {
    const monitor = await serve(deployment);
    await withProgramListeners(async () => {
      const ended = runProgram(program, {
        address: monitor.address,
        preview,
        config: values,
        secretConfig: secretKeys,
      });
      const error = await Promise.race([ended, deployment.stopped]);
      if (error) {
        transcript.diagnose("error", error.message);
        deployment.stop();
      }
      await deployment.settled();
      await monitor.close();
    });
  }
  await deployment.finish();
}
