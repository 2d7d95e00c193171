import { isBookkeeping } from "../checkpoint";
import type { Op } from "../stack";
import type { Operation } from "./operation";
import type { Slots } from "./slots";
import type { State } from "./state";

/** Reads every resource, and makes what was found what the rest of the operation starts from. */
export async function refreshAll(
  operation: Operation,
  report: "what was found" | "that it was read",
  slots: Slots,
): Promise<boolean> {
  const { snapshot, targets, transcript } = operation;
  let succeeded = true;
  const refreshOne = async (old: State): Promise<State | undefined> => {
    if (!old.custom || isBookkeeping(old.type) || old.pendingReplacement || !targets.include(old)) return old;
    try {
      const { op, next } = await refreshed(old, operation);
      transcript.finished(report === "what was found" ? op : "refresh", next ?? old, old);
      return next;
    } catch (error) {
      transcript.failedStep("refresh", old, error instanceof Error ? error.message : String(error));
      succeeded = false;
      return old;
    }
  };
  const states = await Promise.all(snapshot.before.map((state) => slots.run(() => refreshOne(state))));
  snapshot.rebase(withoutDanglingReferences(states.filter((state) => state !== undefined)));
  return succeeded;
}

async function refreshed(old: State, { providers }: Operation): Promise<{ op: Op; next?: State }> {
  const provider = providers.for(old.type);
  const { id, inputs = old.inputs, props } = await provider.read(old.id ?? "", old.inputs, old.outputs);
  if (id === "") return { op: "delete" };
  const { initErrors: _, ...others } = old;
  const next: State = { ...others, id, inputs, outputs: props };
  // Whatever the next `up` with the same program would change is what has drifted.
  const { changes = false } = await provider.diff(id, props, old.inputs);
  return { op: changes ? "update" : "same", next };
}

function withoutDanglingReferences(states: readonly State[]): State[] {
  const urns = new Set(states.map(({ urn }) => urn));
  const known = (found: readonly string[]) => found.filter((urn) => urns.has(urn));
  return states.map((state) => ({
    ...state,
    dependencies: known(state.dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([property, found]) => [property, known(found)]),
    ),
  }));
}
