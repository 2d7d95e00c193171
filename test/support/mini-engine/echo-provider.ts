import { randomUUID } from "node:crypto";
import type { Provider } from "./provider";

/** Stands in for the packages of other resources: they are what the program says they are. */
export const echoProvider: Provider = {
  check: (_olds, news) => Promise.resolve({ inputs: news, failures: [] }),
  diff: () => Promise.resolve({ replaces: [], deleteBeforeReplace: false }),
  create: (inputs) => Promise.resolve({ id: randomUUID(), outs: inputs }),
  read: (id, _inputs, props) => Promise.resolve({ id, props }),
  update: (_id, _oldOutputs, outs) => Promise.resolve({ outs }),
  delete: () => Promise.resolve(),
};
