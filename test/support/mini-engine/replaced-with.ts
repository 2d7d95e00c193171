import { unknownValue } from "../values";
import { compare } from "./compare";
import { dependents } from "./graph";
import type { Operation } from "./operation";
import type { State } from "./state";

/** The dependants that would be replaced if what they need of a resource changed: they cannot live on without it. */
export async function replacedWith(
  root: State,
  { snapshot, providers }: Operation,
  registered: ReadonlySet<string>,
): Promise<State[]> {
  const found: State[] = [];
  const urns = new Set([root.urn]);
  for (const candidate of dependents(snapshot.before, root, "without children")) {
    if (!candidate.custom || candidate.delete || registered.has(candidate.urn)) continue;
    const affected = Object.keys(candidate.inputs).filter((property) =>
      candidate.propertyDependencies[property]?.some((urn) => urns.has(urn)),
    );
    if (affected.length === 0) continue;
    const unknowns = Object.fromEntries(affected.map((property) => [property, unknownValue]));
    const inputs = { ...candidate.inputs, ...unknowns };
    const diff = await compare(providers.for(candidate.type), candidate, inputs, candidate.replaceOnChanges);
    if (!diff.replace) continue;
    found.push(candidate);
    urns.add(candidate.urn);
  }
  return found;
}
