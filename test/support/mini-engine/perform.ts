import { isBookkeeping } from "../checkpoint";
import { ProviderError } from "../provider-error";
import { isSecret, secret, type Properties } from "../values";
import type { PlannedStep } from "./generator";
import type { Operation } from "./operation";
import type { State } from "./state";

/** A step that could not be done; the transcript says why. */
export class StepFailed extends Error {}

/** Does a step, or in a preview what can be known of it, and keeps what came of it. */
export async function perform(step: PlannedStep, operation: Operation): Promise<void> {
  const subject = step.next ?? step.old!;
  try {
    await apply(step, operation);
  } catch (error) {
    operation.transcript.failedStep(step.op, subject, error instanceof Error ? error.message : String(error));
    throw new StepFailed();
  }
  operation.transcript.finished(step.op, subject, step.old, step.comparedByEngine);
}

async function apply(step: PlannedStep, operation: Operation): Promise<void> {
  const { snapshot } = operation;
  const { op, old, next } = step;
  switch (op) {
    case "create":
    case "create-replacement":
      await create(step, next!, operation);
      break;
    case "update":
      await update(old!, next!, operation);
      break;
    case "delete":
    case "delete-replaced":
      await remove(step, old!, operation);
      break;
    case "same":
      if (old) keepAsIs(old, next!, operation);
      break;
    case "remove-pending-replace":
      snapshot.remove(old!);
      break;
    case "replace":
    case "refresh":
      break;
  }
}

async function create({ old, deletesLater }: PlannedStep, next: State, operation: Operation): Promise<void> {
  const { preview, snapshot } = operation;
  const { id, outs, reasons } = !next.custom
    ? { outs: {} }
    : preview
      ? { outs: next.inputs }
      : await answerOf(operation.providers.for(next.type).create(next.inputs));
  if (id !== undefined) next.id = id;
  next.outputs = withSecrets(next, outs);
  if (deletesLater) old!.delete = true;
  if (old?.pendingReplacement) snapshot.remove(old);
  snapshot.add(next);
  failIfNotInitialized(next, reasons);
}

async function update(old: State, next: State, operation: Operation): Promise<void> {
  const { preview, snapshot } = operation;
  if (old.id !== undefined) next.id = old.id;
  const { outs, reasons } = !next.custom
    ? { outs: {} }
    : preview
      ? { outs: next.inputs }
      : await answerOf(operation.providers.for(next.type).update(old.id ?? "", old.outputs, next.inputs));
  next.outputs = withSecrets(next, outs);
  // It was not made with the new ones.
  if (reasons) next.inputs = old.inputs;
  snapshot.remove(old);
  snapshot.add(next);
  failIfNotInitialized(next, reasons);
}

async function remove({ op, replacementFollows }: PlannedStep, old: State, operation: Operation): Promise<void> {
  if (op === "delete" && old.protect) {
    throw new Error(
      `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the ` +
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n" +
        `\`pulumi state unprotect '${old.urn}'\``,
    );
  }
  if (!operation.preview && old.custom && !old.retainOnDelete && !isBookkeeping(old.type)) {
    await operation.providers.for(old.type).delete(old.id ?? "", old.outputs);
  }
  if (replacementFollows) old.pendingReplacement = true;
  else operation.snapshot.remove(old);
}

function keepAsIs(old: State, next: State, { snapshot }: Operation): void {
  if (old.id !== undefined) next.id = old.id;
  next.outputs = old.outputs;
  snapshot.remove(old);
  snapshot.add(next);
}

interface Answer {
  readonly id?: string;
  readonly outs: Properties;
  /** Why the resource is not as it should be, though it exists. */
  readonly reasons?: readonly string[];
}

async function answerOf(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ProviderError && error.initialization)) throw error;
    const { id, properties, reasons } = error.initialization;
    return { id, outs: properties, reasons };
  }
}

/** A resource that failed to initialize is kept like any other, and the step fails all the same. */
function failIfNotInitialized(state: State, reasons: readonly string[] | undefined): void {
  if (!reasons) return;
  state.initErrors = [...reasons];
  const count = reasons.length === 1 ? "1 error" : `${reasons.length} errors`;
  throw new Error([`${count} occurred:`, ...reasons.map((reason) => `\t* ${reason}`), ""].join("\n"));
}

/** Outputs are secrets because the program says so, or because the input of the same name is one. */
function withSecrets({ inputs, additionalSecretOutputs = [] }: State, outputs: Properties): Properties {
  const hidden = (name: string) => additionalSecretOutputs.includes(name) || isSecret(inputs[name]);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, hidden(name) && !isSecret(value) ? secret(value) : value]),
  );
}
