import { nameOf } from "../checkpoint";
import type { Op } from "../stack";
import type { Properties } from "../values";
import { checkFailureText } from "./check-failure";
import { compare, type Diff } from "./compare";
import type { Goal } from "./goal";
import { ignoringChanges, stateOf } from "./goal-state";
import type { Operation } from "./operation";
import type { Provider } from "./provider";
import { Refused } from "./refused";
import { replacedWith } from "./replaced-with";
import { dependencyUrns, type State } from "./state";

/** Something to be done to a resource. */
export interface PlannedStep {
  readonly op: Op;
  /** Absent of a `same`: no target asked for the resource, so that it does not exist. */
  readonly old?: State;
  readonly next?: State;
  /** Of a `create-replacement`: the old one is deleted when everything else is done. */
  readonly deletesLater?: boolean;
  /** Of a `delete-replaced`: the replacement is still to come. */
  readonly replacementFollows?: boolean;
  /** Of a change: the provider left it to the engine to compare, which then knows secrets apart as well. */
  readonly comparedByEngine?: boolean;
}

/** Decides what each resource needs, one after the other, as the engine's own step generator does. */
export class Generator {
  /** The URNs of what stays: the rest is deleted when the program has ended. */
  readonly kept = new Set<string>();
  /** What is deleted ahead of its replacement, or of that of what it depends on. */
  private readonly deletedEarly = new Set<string>();
  /** A preview goes on after some errors, so that all of them are seen. */
  sawError = false;
  private readonly registered = new Set<string>();
  private readonly notCreated = new Set<string>();

  constructor(private readonly operation: Operation) {}

  async generate(goal: Goal): Promise<PlannedStep[]> {
    const { urn } = goal;
    const { snapshot, targets } = this.operation;
    if (this.registered.has(urn)) this.refuse(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.registered.add(urn);

    const provider = goal.custom ? this.declareProvider(goal.type) : undefined;
    const old = [urn, ...goal.aliases].map((known) => snapshot.find(known)).find((state) => state !== undefined);
    const next = stateOf(goal, provider?.reference);
    if (!targets.include(next)) return old ? this.keepAsItWas(old) : this.leaveAlone(undefined, next);
    if (this.operation.destroy && goal.custom) return this.onlyRegister(old, next);
    const steps = await this.stepsFor(goal, old, next, provider);
    this.forbidUncreated(next);
    return steps;
  }

  private async stepsFor(
    goal: Goal,
    old: State | undefined,
    next: State,
    provider: Provider | undefined,
  ): Promise<PlannedStep[]> {
    const recreated = old !== undefined && this.deletedEarly.has(old.urn);
    if (old) next.inputs = ignoringChanges(goal, old.inputs);
    if (provider) next.inputs = await this.check(provider, goal, old && !recreated ? old.inputs : {}, next.inputs);
    this.kept.add(goal.urn);
    if (!old) return [{ op: "create", next }];
    this.kept.add(old.urn);
    if (recreated)
      return [
        { op: "replace", old, next },
        { op: "create-replacement", old, next },
      ];

    const diff = await compare(provider, old, next.inputs, goal.replaceOnChanges);
    if ((diff.changes && diff.replace) || old.pendingReplacement) return this.replace(goal, old, next, provider, diff);
    const { comparedByEngine } = diff;
    if (diff.changes || old.initErrors?.length) return [{ op: "update", old, next, comparedByEngine }];
    return [{ op: "same", old, next }];
  }

  private declareProvider(type: string): Provider {
    const urn = this.operation.providers.declare(type);
    if (urn !== undefined) this.kept.add(urn);
    return this.operation.providers.for(type);
  }

  /** What is not targeted stays as it was, and with it all that it needed, be it declared any more or not. */
  private keepAsItWas(old: State): PlannedStep[] {
    this.kept.add(old.urn);
    const needed = [...dependencyUrns(old)]
      .filter((urn) => !this.kept.has(urn))
      .map((urn) => this.operation.snapshot.find(urn));
    const steps = needed.flatMap((state) => (state ? this.keepAsItWas(state) : []));
    return [...steps, { op: "same", old, next: structuredClone(old) }];
  }

  private leaveAlone(old: State | undefined, next: State): PlannedStep[] {
    if (old) {
      this.kept.add(old.urn);
      return [{ op: "same", old, next }];
    }
    this.notCreated.add(next.urn);
    return [{ op: "same", next }];
  }

  /** For a destroy, the program tells today's options of what there is; what needs something that is not there is not told. */
  private onlyRegister(old: State | undefined, next: State): PlannedStep[] {
    if (this.uncreated(next) === undefined) return this.leaveAlone(old, { ...next, inputs: old?.inputs ?? {} });
    return this.leaveAlone(undefined, { ...next, outputs: old?.outputs ?? {} });
  }

  private uncreated(next: State): string | undefined {
    return [...dependencyUrns(next)].find((urn) => this.notCreated.has(urn));
  }

  private forbidUncreated(next: State): void {
    const missing = this.uncreated(next);
    if (missing === undefined) return;
    this.complain(
      next.urn,
      `Resource '${next.urn}' depends on '${missing}' which was was not specified in --target list.`,
    );
  }

  private async replace(
    goal: Goal,
    old: State,
    next: State,
    provider: Provider | undefined,
    diff: Diff,
  ): Promise<PlannedStep[]> {
    if (old.protect && next.protect) {
      this.complain(
        goal.urn,
        `unable to replace resource "${goal.urn}"\nas it is currently marked for protection. To unprotect the ` +
          "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
      );
    }
    // What was taken over from the old inputs does not bind the new resource.
    if (provider) next.inputs = await this.check(provider, goal, {}, goal.inputs);
    const { comparedByEngine } = diff;
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
      return [
        { op: "create-replacement", old, next, deletesLater: true, comparedByEngine },
        { op: "replace", old, next, comparedByEngine },
      ];
    }
    const doomed = (await replacedWith(old, this.operation, this.registered)).filter(
      ({ urn }) => !this.deletedEarly.has(urn),
    );
    for (const { urn, protect } of doomed) {
      if (protect) this.refuse(goal.urn, protectedDependant(urn, goal.urn));
      this.deletedEarly.add(urn);
    }
    if (!old.pendingReplacement) doomed.unshift(old);
    return [
      ...doomed.reverse().map((old) => ({ op: "delete-replaced" as const, old, replacementFollows: true })),
      { op: "replace", old, next, comparedByEngine },
      { op: "create-replacement", old, next, comparedByEngine },
    ];
  }

  private async check(provider: Provider, goal: Goal, olds: Properties, news: Properties): Promise<Properties> {
    const { inputs, failures } = await provider.check(olds, news);
    for (const failure of failures) {
      // Not what the check made of the inputs: what the program said.
      const text = checkFailureText(goal.type, nameOf(goal.urn), goal.inputs, failure);
      this.operation.transcript.diagnose("error", text, goal.urn);
    }
    if (failures.length > 0) throw new Refused();
    return inputs;
  }

  /** An error that ends an update at once, and a preview when all else has been shown. */
  private complain(urn: string, message: string): void {
    if (!this.operation.preview) this.refuse(urn, message);
    this.operation.transcript.diagnose("error", message, urn);
    this.sawError = true;
  }

  private refuse(urn: string, message: string): never {
    this.operation.transcript.diagnose("error", message, urn);
    throw new Refused();
  }
}

function protectedDependant(urn: string, replaced: string): string {
  return (
    `unable to replace resource "${urn}" as part of replacing "${replaced}" as it is currently marked for protection. ` +
    "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run " +
    `\`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``
  );
}
