import type { CheckResult, DiffResult, ReadResult } from "../provider-host";
import type { Properties } from "../values";

/** Whatever looks after resources of a type. Properties carry their marks of secrets here. */
export interface Provider {
  /** How a state names it. */
  readonly reference?: string;
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, oldOutputs: Properties, newInputs: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<{ readonly id: string; readonly outs: Properties }>;
  read(id: string, inputs: Properties, outputs: Properties): Promise<ReadResult>;
  update(id: string, oldOutputs: Properties, newInputs: Properties): Promise<{ readonly outs: Properties }>;
  delete(id: string, outputs: Properties): Promise<void>;
}
