import { dependencyUrns, type State } from "./state";

/** Groups of states, to be deleted one group after the other: nothing goes before what depends on it. */
export function deletionGroups(states: readonly State[], condemned: readonly State[]): State[][] {
  const groups: State[][] = [];
  const left = new Set(condemned);
  while (left.size > 0) {
    const group = [...left].filter((state) => !dependencies(states, state).some((needed) => left.has(needed)));
    for (const state of group) left.delete(state);
    groups.unshift(group);
  }
  return groups;
}

/** All that a state needs, directly or not. */
export function transitiveDependencies(states: readonly State[], state: State): Set<State> {
  const found = new Set<State>();
  const visit = (next: State) => {
    for (const needed of dependencies(states, next)) {
      if (found.has(needed)) continue;
      found.add(needed);
      visit(needed);
    }
  };
  visit(state);
  return found;
}

/** All that needs a state, directly or not, in an order in which nothing comes before what it depends on. */
export function dependents(states: readonly State[], state: State, children: "with children" | "without children") {
  const urns = new Set([state.urn]);
  return states.slice(states.indexOf(state) + 1).filter((candidate) => {
    const needed = dependencyUrns(candidate);
    if (children === "without children" && candidate.parent !== undefined) needed.delete(candidate.parent);
    if (![...needed].some((urn) => urns.has(urn))) return false;
    urns.add(candidate.urn);
    return true;
  });
}

/** A replaced resource and its replacement share a URN: a state can only need what comes before it. */
function dependencies(states: readonly State[], state: State): State[] {
  const urns = dependencyUrns(state);
  return states.slice(0, states.indexOf(state)).filter(({ urn }) => urns.has(urn));
}
