import { isBookkeeping, nameOf } from "../checkpoint";
import { dependencyUrns, type State } from "./state";

/** What an operation may touch: everything, or what `--target` names. */
export class Targets {
  private readonly touched = new Set<string>();

  constructor(
    private readonly names: readonly string[] | undefined,
    readonly withDependents: boolean,
  ) {}

  get constrained(): boolean {
    return this.names !== undefined;
  }

  list(urn: string): boolean {
    return this.names?.includes(nameOf(urn)) ?? true;
  }

  /** To be asked in the order of registration: a dependant is included because of what was touched before it. */
  include(state: State): boolean {
    if (!this.constrained || isBookkeeping(state.type)) return true;
    const included =
      this.list(state.urn) || (this.withDependents && [...dependencyUrns(state)].some((urn) => this.touched.has(urn)));
    if (included) this.touched.add(state.urn);
    return included;
  }
}
