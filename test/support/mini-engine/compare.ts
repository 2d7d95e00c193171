import { isDeepStrictEqual } from "node:util";
import { reveal, type Properties } from "../values";
import type { Provider } from "./provider";
import type { State } from "./state";

export interface Diff {
  readonly changes: boolean;
  readonly replace: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly comparedByEngine: boolean;
}

/** Asks the provider what new inputs mean; what it leaves open, and components, the engine compares by itself. */
export async function compare(
  provider: Provider | undefined,
  { id = "", inputs: oldInputs, outputs }: State,
  inputs: Properties,
  replaceOnChanges: readonly string[] = [],
): Promise<Diff> {
  const diff = await provider?.diff(id, outputs, inputs);
  if (diff?.changes !== undefined) {
    return { ...diff, changes: diff.changes, replace: diff.replaces.length > 0, comparedByEngine: false };
  }
  const changed = changedProperties(oldInputs, inputs);
  const replace = changed.some((property) => replaceOnChanges.includes(property));
  const deleteBeforeReplace = diff?.deleteBeforeReplace ?? false;
  return { changes: changed.length > 0, replace, deleteBeforeReplace, comparedByEngine: true };
}

function changedProperties(olds: Properties, news: Properties): string[] {
  const [before, after] = [reveal(olds), reveal(news)];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
