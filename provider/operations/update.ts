import { isArgument } from "./arguments";
import { argumentsOfToken, type Properties } from "./record";

/** Returns the old outputs with the new inputs, but for those that belong to the token: the state loses what an update leaves out. */
export function update(olds: Properties, news: Properties): { readonly outs: Properties } {
  const outputs = Object.entries(olds).filter(([key]) => key !== "name" && !isArgument(key));
  return { outs: { ...Object.fromEntries(outputs), ...argumentsOfToken(olds, news) } };
}
