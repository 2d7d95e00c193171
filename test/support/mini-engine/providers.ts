import { randomUUID } from "node:crypto";
import { reveal, secret, type Properties } from "../values";
import { dynamicProvider } from "./dynamic-provider";
import { echoProvider } from "./echo-provider";
import { urnOf } from "./goal";
import type { Config, Hosts } from "./hosts";
import type { Provider } from "./provider";
import type { Snapshot } from "./snapshot";
import { toState } from "./state";

export interface StackConfig {
  readonly values: Config;
  readonly secretKeys: readonly string[];
}

const providerType = "pulumi:providers:pulumi-nodejs";
const providerUrn = urnOf("", providerType, "default");

/**
 * Pulumi keeps the stack's configuration, as of the last `up`, in the state, as the inputs of a provider resource: until
 * a program registers a dynamic resource, that is the configuration which counts.
 */
export class Providers {
  private declared = false;

  constructor(
    private readonly snapshot: Snapshot,
    private readonly hosts: Hosts,
    private readonly config: StackConfig,
  ) {}

  /** The program registers a resource of this type. Tells which provider resource that keeps alive, if any. */
  declare(type: string): string | undefined {
    if (!isDynamic(type)) return undefined;
    if (!this.declared) this.update();
    this.declared = true;
    return providerUrn;
  }

  for(type: string): Provider {
    if (!isDynamic(type)) return echoProvider;
    const { id = "", inputs } = this.find() ?? toState({ urn: providerUrn, type: providerType, custom: true });
    const config = reveal(inputs) as Config;
    return { ...dynamicProvider(() => this.hosts.get(config)), reference: `${providerUrn}::${id}` };
  }

  private update(): void {
    const old = this.find();
    const { values, secretKeys } = this.config;
    const inputs: Properties = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, secretKeys.includes(key) ? secret(value) : value]),
    );
    if (old) this.snapshot.remove(old);
    const id = old?.id ?? randomUUID();
    this.snapshot.add(toState({ urn: providerUrn, type: providerType, custom: true, id, inputs, outputs: inputs }));
  }

  private find() {
    return this.snapshot.now.find(({ urn }) => urn === providerUrn);
  }
}

function isDynamic(type: string): boolean {
  return type.startsWith("pulumi-nodejs:");
}
