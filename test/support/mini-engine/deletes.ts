import type { PlannedStep } from "./generator";
import { dependents } from "./graph";
import type { Operation } from "./operation";
import { Refused } from "./refused";
import type { State } from "./state";
import type { Targets } from "./targets";

/**
 * What is left to do when the program has ended: to delete what was replaced, now or earlier, and what nobody declares,
 * and to leave alone what is not targeted.
 */
export function planDeletes(states: readonly State[], targets: Targets, kept: ReadonlySet<string>): PlannedStep[] {
  const allowed = targets.constrained ? listedAndDependents(states, targets) : new Set(states);
  return states.flatMap((old): PlannedStep[] => {
    if (!allowed.has(old)) return kept.has(old.urn) ? [] : [{ op: "same", old, next: structuredClone(old) }];
    if (old.delete) return [{ op: "delete-replaced", old }];
    if (kept.has(old.urn)) return [];
    return [{ op: old.pendingReplacement ? "remove-pending-replace" : "delete", old }];
  });
}

function listedAndDependents(states: readonly State[], targets: Targets): Set<State> {
  const listed = states.filter(({ urn }) => targets.list(urn));
  return new Set(listed.flatMap((state) => [state, ...dependents(states, state, "with children")]));
}

/** A target cannot be deleted without what depends on it, and that has to be said. */
export function forbidUnlisted(steps: readonly PlannedStep[], { preview, targets, transcript }: Operation): boolean {
  if (targets.withDependents) return true;
  const unlisted = steps.flatMap(({ op, old }) => (op === "same" || targets.list(old!.urn) ? [] : [old!.urn]));
  for (const urn of unlisted) {
    transcript.diagnose(
      "error",
      `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
      urn,
    );
  }
  if (unlisted.length > 0 && !preview) throw new Refused();
  return unlisted.length === 0;
}
