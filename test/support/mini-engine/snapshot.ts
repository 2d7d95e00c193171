import { toState, type State } from "./state";
import type { CheckpointResource } from "../checkpoint";

/**
 * What is known to exist at each moment of an operation: what this operation has dealt with, and after it what it has
 * not come to yet.
 */
export class Snapshot {
  private readonly fresh: State[] = [];
  private readonly done = new Set<State>();
  private base: readonly State[];

  constructor(resources: readonly CheckpointResource[]) {
    this.base = resources.map(toState);
  }

  /** As it was at the beginning, in an order in which nothing comes before what it depends on. */
  get before(): readonly State[] {
    return this.base;
  }

  get now(): readonly State[] {
    return [...this.fresh, ...this.base].filter((state) => !this.done.has(state));
  }

  find(urn: string): State | undefined {
    return this.base.find((state) => state.urn === urn && !state.delete);
  }

  /** A refresh comes first: all that follows starts from what it found. */
  rebase(states: readonly State[]): void {
    this.base = states;
  }

  add(state: State): void {
    this.fresh.push(state);
  }

  remove(state: State): void {
    this.done.add(state);
  }
}
