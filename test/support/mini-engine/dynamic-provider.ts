import type { ProviderHost } from "../provider-host";
import { ProviderError } from "../provider-error";
import { forHost, markSecrets, type Properties } from "../values";
import type { Provider } from "./provider";

/** Dynamic resources: the host takes and gives plain text, and what was a secret is one again by its name. */
export function dynamicProvider(start: () => Promise<ProviderHost>): Provider {
  return {
    async check(olds, news) {
      const host = await start();
      const { inputs, failures } = await host.check(forHost(olds), forHost(news));
      return { inputs: markSecrets(inputs, news), failures };
    },
    async diff(id, oldOutputs, newInputs) {
      const host = await start();
      return host.diff(id, forHost(oldOutputs), forHost(newInputs));
    },
    async create(inputs) {
      const host = await start();
      const { id, outs } = await marked(inputs, host.create(forHost(inputs)));
      if (id === "") throw new ProviderError("plugin returned empty resource.ID from create", 2);
      return { id, outs: markSecrets(outs, inputs) };
    },
    async read(id, inputs, outputs) {
      const host = await start();
      const found = await host.read(id, forHost(outputs));
      return {
        id: found.id,
        props: markSecrets(found.props, outputs),
        ...(found.inputs ? { inputs: markSecrets(found.inputs, inputs) } : {}),
      };
    },
    async update(id, oldOutputs, newInputs) {
      const host = await start();
      const { outs } = await marked(newInputs, host.update(id, forHost(oldOutputs), forHost(newInputs)));
      return { outs: markSecrets(outs, newInputs) };
    },
    async delete(id, outputs) {
      const host = await start();
      await host.delete(id, forHost(outputs));
    },
  };
}

/** What a failed initialization tells of the resource holds the same secrets as a success would. */
async function marked<T>(inputs: Properties, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProviderError && error.initialization)) throw error;
    const { id, properties, reasons } = error.initialization;
    throw new ProviderError(error.message, error.code, { id, properties: markSecrets(properties, inputs), reasons });
  }
}
