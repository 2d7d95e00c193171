import type { Run, Step } from "./stack";

/** Counts as Pulumi does in its summary: a replacement once, by its `replace`. */
export function countChanges(steps: readonly Step[]): Run["changes"] {
  const changes: Record<string, number> = {};
  for (const { op } of steps) {
    if (op === "create-replacement" || op === "delete-replaced" || op === "remove-pending-replace") continue;
    changes[op] = (changes[op] ?? 0) + 1;
  }
  return changes;
}
