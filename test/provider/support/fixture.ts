import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { join } from "node:path";

import { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "../../../examples/local-atlas";
import { SERIALIZED_PROVIDER } from "../../../provider/dynamic/serialized-provider";
import { environmentFor } from "../../support/environment-for";
import type { ProviderError } from "../../support/provider-error";
import { startProviderHost, type CheckResult, type DiffResult, type ProviderHost } from "../../support/provider-host";

export const root = join(__dirname, "..", "..", "..");
export const plugin = join(root, "dist", "plugin");

export type Properties = Record<string, unknown>;

/** `dynamic` runs in Pulumi's host of dynamic providers, `packaged` is our executable: both speak the same protocol. */
export const FORMS = ["dynamic", "packaged"] as const;
export type Form = (typeof FORMS)[number];

const TYPES = {
  dynamic: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
  packaged: "atlas-token:index:ServiceAccountToken",
};
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export interface Token {
  readonly name: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/** A running provider of either form, driven as the engine drives it; properties look the same in both. */
export class Provider {
  constructor(
    readonly form: Form,
    readonly host: ProviderHost,
    /** What the packaged form sent to the engine's log service. */
    readonly logged: { readonly message: string; readonly urn: string }[],
  ) {}

  urn(name: string): string {
    return `urn:pulumi:stack::project::${TYPES[this.form]}::${name}`;
  }

  async check(name: string, args: Properties, olds: Properties = {}): Promise<CheckResult> {
    const [before, news] = [this.#sent(name, olds), this.#sent(name, args)];
    const { inputs, failures } = await this.host.check(before, news, { urn: this.urn(name) });
    return { inputs: this.#received(inputs), failures };
  }

  async inputs(name: string, args: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await this.check(name, args);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }

  /** Checks and creates. */
  async create(name: string, args: Properties = {}, options: { timeout?: number } = {}): Promise<Token> {
    const inputs = await this.inputs(name, args);
    const { id, outs } = await this.host.create(this.#sent(name, inputs), { urn: this.urn(name), ...options });
    return { name, id, inputs, outs: this.#received(outs) };
  }

  diff({ id, name, outs }: Token, news: Properties): Promise<DiffResult> {
    return this.host.diff(id, this.#sent(name, outs), this.#sent(name, news), { urn: this.urn(name) });
  }

  async read({ id, name, outs }: Token): Promise<Properties> {
    const { props } = await this.host.read(id, this.#sent(name, outs), { urn: this.urn(name) });
    return this.#received(props);
  }

  async update({ id, name, outs }: Token, news: Properties): Promise<Properties> {
    const olds = this.#sent(name, outs);
    const result = await this.host.update(id, olds, this.#sent(name, news), { urn: this.urn(name) });
    return this.#received(result.outs);
  }

  delete({ id, name, outs }: Pick<Token, "id" | "name" | "outs">, options: { timeout?: number } = {}): Promise<void> {
    return this.host.delete(id, this.#sent(name, outs), { urn: this.urn(name), ...options });
  }

  /** Ends the provider and returns all that it showed to the user: what it prints may arrive later than its responses. */
  async shown(): Promise<string> {
    await this.host.close();
    return [this.host.stdout, this.host.stderr, ...this.logged.map(({ message }) => message)].join("\n");
  }

  #sent(name: string, properties: Properties): Properties {
    return this.form === "dynamic" ? { name, __provider: SERIALIZED_PROVIDER, ...properties } : properties;
  }

  #received(properties: Properties): Properties {
    const { name, __provider, ...others } = unwrap(properties) as Properties;
    return this.form === "dynamic" ? others : (unwrap(properties) as Properties);
  }
}

/** Removes the marks of secrets. */
export function unwrap(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const object = value as Properties;
  if (object[SIGNATURE] === SECRET) return unwrap(object["value"]);
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, unwrap(item)]));
}

export function secret(value: unknown): Properties {
  return { [SIGNATURE]: SECRET, value };
}

/** For each test a Local Atlas, the engine's log service, and providers of one form; all gone afterwards. */
export class Fixture {
  #atlas: LocalAtlas | undefined;
  #engine: Server | undefined;
  #address = "";
  #logged: { message: string; urn: string }[] = [];
  readonly #hosts: ProviderHost[] = [];

  constructor(
    readonly form: Form,
    options: () => LocalAtlasOptions = () => ({}),
  ) {
    beforeEach(async () => {
      this.#atlas = await startLocalAtlas(options());
      this.#logged = [];
      await this.#startEngine();
    });
    afterEach(async () => {
      await Promise.all(this.#hosts.splice(0).map((host) => host.close()));
      this.#engine?.forceShutdown();
      await this.#atlas?.close();
    });
  }

  get atlas(): LocalAtlas {
    if (this.#atlas === undefined) throw new Error("there is no Local Atlas outside of a test");
    return this.#atlas;
  }

  /** What Atlas was asked, and its responses: `issue 200`. */
  get requests(): string[] {
    return this.atlas.log().map(({ endpoint, status }) => `${endpoint} ${status ?? "none"}`);
  }

  get active(): number {
    return this.atlas.tokens().filter(({ active }) => active).length;
  }

  /**
   * Starts a provider, as the engine does for each operation. The environment holds the credentials of Local Atlas unless it
   * says otherwise; keys of the configuration have no namespace.
   */
  async start(
    env: Readonly<Record<string, string>> = {},
    config: Properties = {},
    nodeOptions: readonly string[] = [],
  ): Promise<Provider> {
    const host = await startProviderHost({
      cwd: root,
      env: { ...environmentFor(this.atlas), ...env },
      nodeOptions,
      ...(this.form === "packaged" ? { script: join(plugin, "start.js"), engine: this.#address } : {}),
    });
    this.#hosts.push(host);
    const namespace = this.form === "dynamic" ? "mongodbatlas:" : "";
    const entries = Object.entries(config).map(([key, value]) => [namespace + key, value]);
    await host.configure(Object.fromEntries(entries) as Record<string, string>);
    return new Provider(this.form, host, this.#logged);
  }

  #startEngine(): Promise<void> {
    this.#engine = new Server();
    this.#engine.addService(EngineService, {
      log: ({ request }: ServerUnaryCall<LogRequest, Empty>, respond: sendUnaryData<Empty>) => {
        this.#logged.push({ message: request.getMessage(), urn: request.getUrn() });
        respond(null, new Empty());
      },
    });
    return new Promise((resolve, reject) => {
      this.#engine?.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        this.#address = `127.0.0.1:${port}`;
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
}

/** The error of a call that must fail. */
export async function failureOf(operation: Promise<unknown>): Promise<ProviderError> {
  try {
    await operation;
  } catch (error) {
    return error as ProviderError;
  }
  throw new Error("the call succeeded");
}

/** Resolves once the condition holds, which another process brings about; rejects if it does not do so in time. */
export async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; !condition(); attempt++) {
    if (attempt === 1_000) throw new Error("what the test waits for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
