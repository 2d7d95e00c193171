import type { Properties } from "../values";
import type { Goal } from "./goal";
import { toState, type State } from "./state";

/** What the state is going to hold of a goal, before anything was done about it. */
export function stateOf(goal: Goal, provider: string | undefined): State {
  return toState({
    urn: goal.urn,
    type: goal.type,
    custom: goal.custom,
    inputs: goal.inputs,
    dependencies: [...goal.dependencies],
    propertyDependencies: Object.fromEntries(
      Object.entries(goal.propertyDependencies).map(([property, urns]) => [property, [...urns]]),
    ),
    additionalSecretOutputs: [...goal.additionalSecretOutputs],
    ignoreChanges: [...goal.ignoreChanges],
    replaceOnChanges: [...goal.replaceOnChanges],
    protect: goal.protect,
    retainOnDelete: goal.retainOnDelete,
    ...(goal.parent === undefined ? {} : { parent: goal.parent }),
    ...(provider === undefined ? {} : { provider }),
  });
}

/** The inputs of a goal, with the old ones where changes are to be ignored. Knows top-level properties only. */
export function ignoringChanges(goal: Goal, old: Properties): Properties {
  const inputs = { ...goal.inputs };
  for (const property of goal.ignoreChanges) {
    if (property in old) inputs[property] = old[property];
    else Reflect.deleteProperty(inputs, property);
  }
  return inputs;
}
