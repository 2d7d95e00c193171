import { isDeepStrictEqual } from "node:util";

import type { Properties } from "./record";

/** What the inputs of a preview contain for a value that is not known yet: `unknownValue` in Pulumi's `runtime/rpc.ts`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The arguments of the resource and its logical name, which the dynamic form passes with them. */
export const INPUTS = [
  "name",
  "clientId",
  "clientSecret",
  "baseUrl",
  "renewBefore",
  "keepers",
  "existingToken",
] as const;
export type InputName = (typeof INPUTS)[number];

/** The arguments that differ. The name is none of them: an alias changes it without changing the token. */
export function changedInputs(olds: Properties, news: Properties): InputName[] {
  return INPUTS.filter((name) => name !== "name" && !isSame(name, olds[name], news[name]));
}

/** Absent and empty keepers are the same. */
function isSame(name: InputName, a: unknown, b: unknown): boolean {
  const empty = name === "keepers" ? {} : undefined;
  return isDeepStrictEqual(a ?? empty, b ?? empty);
}
