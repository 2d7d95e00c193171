import type { Properties } from "../values";
import { forbidUnlisted, planDeletes } from "./deletes";
import { Generator, type PlannedStep } from "./generator";
import type { Goal } from "./goal";
import { deletionGroups, transitiveDependencies } from "./graph";
import type { Monitor, Registered } from "./monitor";
import type { Operation } from "./operation";
import { perform, StepFailed } from "./perform";
import { Refused } from "./refused";
import { Slots } from "./slots";
import { dependencyUrns, type State } from "./state";
import { stackUrn, type Severity } from "./transcript";

/** Brings what there is to what a program wants, step by step, and stops where the engine would. */
export class Deployment implements Monitor {
  /** Resolves when nothing more is going to be started. */
  readonly stopped: Promise<void>;
  private announceStop!: () => void;
  private stopping = false;
  private stepFailed = false;
  private stackOutputs: Properties | undefined;
  private readonly generator: Generator;
  private readonly deciding = new Slots(1);
  private readonly failedUrns = new Set<string>();
  private readonly failedStates: State[] = [];
  private readonly registering = new Set<Promise<Registered>>();

  constructor(
    private readonly operation: Operation,
    private readonly performing: Slots,
  ) {
    this.generator = new Generator(operation);
    this.stopped = new Promise((resolve) => (this.announceStop = resolve));
  }

  get succeeded(): boolean {
    return !this.stopping && !this.stepFailed && !this.generator.sawError;
  }

  /** Whether the engine closes with a line of its own: it does when a step failed, not when a resource was refused. */
  get failedInSteps(): boolean {
    return this.stepFailed || this.generator.sawError;
  }

  /** Lets what has begun end, and begins nothing more. */
  stop(): void {
    this.stopping = true;
    this.announceStop();
  }

  async register(goal: Goal): Promise<Registered> {
    const registered = this.decideAndPerform(goal);
    this.registering.add(registered);
    return registered.finally(() => this.registering.delete(registered));
  }

  registerOutputs(urn: string, outputs: Properties): void {
    if (urn === stackUrn) this.stackOutputs = outputs;
    else this.setOutputs(urn, outputs);
  }

  log(severity: Severity, message: string, urn: string): void {
    this.operation.transcript.diagnose(severity, message, urn);
  }

  /** Resolves when what had begun has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.registering);
  }

  /** To be called when the program has ended, or was given up. */
  async finish(): Promise<void> {
    if (!this.stopping) await this.deleteTheRest();
    const before = this.operation.snapshot.before.find(({ urn }) => urn === stackUrn)?.outputs;
    // After a failure, an output that is missing need not have been removed.
    if (this.stackOutputs) this.setOutputs(stackUrn, { ...(this.succeeded ? {} : before), ...this.stackOutputs });
  }

  private async decideAndPerform(goal: Goal): Promise<Registered> {
    const steps = await this.deciding.run(() => this.decide(goal));
    const next = steps.at(-1)!.next!;
    const needed = dependencyUrns(next);
    if ([...needed].some((urn) => this.failedUrns.has(urn))) {
      this.failedUrns.add(next.urn);
      return { urn: goal.urn, outputs: {}, result: "skipped" };
    }
    const done = await this.performing.run(() => this.performAll(steps));
    return {
      urn: next.urn,
      ...(next.id === undefined ? {} : { id: next.id }),
      // Those of a component are still to be registered.
      outputs: next.custom ? next.outputs : {},
      result: done ? "succeeded" : "failed",
    };
  }

  private async decide(goal: Goal): Promise<PlannedStep[]> {
    this.assertGoingOn();
    try {
      return await this.generator.generate(goal);
    } catch (error) {
      this.stop();
      if (!(error instanceof Refused)) this.log("error", (error as Error).message, goal.urn);
      throw error;
    }
  }

  /** Whether all of them could be done. */
  private async performAll(steps: readonly PlannedStep[]): Promise<boolean> {
    for (const step of steps) {
      this.assertGoingOn();
      try {
        await perform(step, this.operation);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        this.stepFailed = true;
        this.failedUrns.add((step.next ?? step.old!).urn);
        if (step.old) this.failedStates.push(step.old);
        if (this.operation.continueOnError) return false;
        this.stop();
        throw error;
      }
    }
    return true;
  }

  private async deleteTheRest(): Promise<void> {
    const { destroy, snapshot, targets } = this.operation;
    const states = destroy ? snapshot.now : snapshot.before;
    const steps = planDeletes(states, targets, destroy ? new Set() : this.generator.kept);
    const deletes = steps.filter(({ op }) => op !== "same");
    try {
      if (!forbidUnlisted(deletes, this.operation)) this.generator.sawError = true;
      await this.performAll(steps.filter(({ op }) => op === "same"));
      await this.deleteInOrder(deletes, states);
    } catch (error) {
      if (error instanceof Refused) this.generator.sawError = true;
      else if (!this.stopping) throw error;
    }
  }

  private async deleteInOrder(deletes: readonly PlannedStep[], states: readonly State[]): Promise<void> {
    const groups = deletionGroups(
      states,
      deletes.map(({ old }) => old!),
    );
    for (const group of groups) {
      const needed = new Set(this.failedStates.flatMap((state) => [...transitiveDependencies(states, state)]));
      const steps = deletes.filter(({ old }) => group.includes(old!) && !needed.has(old!));
      await Promise.allSettled(steps.map((step) => this.performing.run(() => this.performAll([step]))));
    }
  }

  private setOutputs(urn: string, outputs: Properties): void {
    const state = this.operation.snapshot.now.find((state) => state.urn === urn && !state.delete);
    if (state) state.outputs = outputs;
  }

  private assertGoingOn(): void {
    if (this.stopping) throw new Refused();
  }
}
