import { runtime, type dynamic } from "@pulumi/pulumi";
import { join } from "node:path";

import { SERIALIZED_PROVIDER } from "../../provider/dynamic/serialized-provider";
import { TELLING_HEAP } from "../support/heap";
import { startProviderHost, type ProviderHost } from "../support/provider-host";
import { reveal, type Properties } from "../support/values";
import { argumentsFor, type Contender } from "./rivals/program";
import type { Workspace } from "./workspace";

export interface Token {
  readonly urn: string;
  readonly id: string;
  readonly outputs: Properties;
}

/** A provider process of a contender, driven as the engine drives it. */
export class Provider {
  private constructor(
    readonly host: ProviderHost,
    /** The provider as text, where it is dynamic. */
    private readonly serialized: string | undefined,
    private readonly baseUrl: string,
  ) {}

  static async start(workspace: Workspace, contender: Contender, baseUrl = workspace.baseUrl): Promise<Provider> {
    const packaged = contender.endsWith("packaged");
    const script = packaged ? { script: workspace.scriptOf(contender) } : {};
    const env = { RIVAL: contender };
    const host = await startProviderHost({ cwd: workspace.folder, nodeOptions: TELLING_HEAP, env, ...script });
    await host.configure({});
    return new Provider(host, packaged ? undefined : await serializedOf(workspace, contender), baseUrl);
  }

  /** Checks the inputs of a token of an account, and returns its `create`. */
  async prepare(name: string, account: number): Promise<() => Promise<Token>> {
    const urn = `urn:pulumi:bench::bench::atlas-token:index:ServiceAccountToken::${name}`;
    const dynamicInputs = this.serialized === undefined ? {} : { __provider: this.serialized, name };
    const news = { ...argumentsFor(account, this.baseUrl), ...dynamicInputs };
    const { inputs, failures } = await this.host.check({}, news, { urn });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    // The engine unwraps secrets for a provider that does not accept them.
    const unwrapped = reveal(inputs);
    return async () => {
      const { id, outs } = await this.host.create(unwrapped, { urn });
      return { urn, id, outputs: reveal(outs) };
    };
  }

  delete({ urn, id, outputs }: Token): Promise<void> {
    return this.host.delete(id, outputs, { urn });
  }
}

/** The provider as the state of a dynamic resource holds it. */
async function serializedOf(workspace: Workspace, contender: Contender): Promise<string> {
  if (contender === "dynamic") return SERIALIZED_PROVIDER;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the provider as the engine runs it
  const { provider } = require(join(workspace.folder, contender)) as { provider: dynamic.ResourceProvider };
  return (await runtime.serializeFunction(() => provider)).text;
}
