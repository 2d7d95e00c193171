import { isArgument } from "./arguments";
import type { Properties } from "./record";

/** Returns the old outputs with the new inputs: the state loses what an update leaves out. */
export function update(olds: Properties, news: Properties): { readonly outs: Properties } {
  const outputs = Object.entries(olds).filter(([key]) => key !== "name" && !isArgument(key));
  return { outs: { ...Object.fromEntries(outputs), ...news } };
}
