import { INPUTS, type Properties } from "./record";

/** Returns the old outputs with the new inputs; what an update leaves out is gone from the state. */
export function update(olds: Properties, news: Properties): { readonly outs: Properties } {
  const inputs: readonly string[] = INPUTS;
  const outputs = Object.entries(olds).filter(([key]) => !inputs.includes(key));
  return { outs: { ...Object.fromEntries(outputs), ...news } };
}
