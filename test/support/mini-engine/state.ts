import type { CheckpointResource } from "../checkpoint";
import type { Properties } from "../values";

/** A resource while the engine works on it: as in a checkpoint, with nothing left out. */
export interface State extends CheckpointResource {
  inputs: Properties;
  outputs: Properties;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
}

export function toState(resource: CheckpointResource): State {
  return { inputs: {}, outputs: {}, dependencies: [], propertyDependencies: {}, ...structuredClone(resource) };
}

/** What a resource needs: its parent, its provider, and whatever its properties or `dependsOn` name. */
export function dependencyUrns(state: State): Set<string> {
  const urns = [
    state.parent,
    providerUrn(state),
    ...state.dependencies,
    ...Object.values(state.propertyDependencies).flat(),
  ];
  return new Set(urns.filter((urn) => urn !== undefined));
}

/** A state names its provider by URN and id. */
function providerUrn({ provider }: State): string | undefined {
  return provider?.slice(0, provider.lastIndexOf("::"));
}
