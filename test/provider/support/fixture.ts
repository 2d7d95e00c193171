import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceResponse, type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { join } from "node:path";
import { promisify } from "node:util";

import {
  defaultClientId,
  defaultClientSecret,
  startLocalAtlas,
  type Hook,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";
import { SERIALIZED_PROVIDER } from "../../../provider/dynamic/serialized-provider";
import { environmentFor } from "../../support/environment-for";
import {
  startProviderHost,
  type CheckResult,
  type DiffResult,
  type ProviderError,
  type ProviderHost,
} from "../../support/provider-host";
import { reveal, type Properties } from "../../support/values";

export const root = join(__dirname, "..", "..", "..");
export const plugin = join(root, "dist", "plugin");

/** `dynamic` runs in Pulumi's host of dynamic providers, `packaged` is our executable: both speak the same protocol. */
export const FORMS = ["dynamic", "packaged"] as const;
export type Form = (typeof FORMS)[number];

const TYPES = {
  dynamic: "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken",
  packaged: "atlas-token:index:ServiceAccountToken",
};

export interface Token {
  readonly name: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/** The token with other values in the state. */
export function withState(token: Token, state: Properties): Token {
  return { ...token, outs: { ...token.outs, ...state } };
}

export interface LoggedLine {
  readonly message: string;
  readonly urn: string;
  readonly severity: LogSeverity;
}

/** A running provider of either form, driven as the engine drives it; properties look the same in both. */
export class Provider {
  constructor(
    readonly form: Form,
    readonly host: ProviderHost,
    /** What the packaged form sent to the engine's log service. */
    readonly logged: readonly LoggedLine[],
  ) {}

  urn(name: string): string {
    return `urn:pulumi:stack::project::${TYPES[this.form]}::${name}`;
  }

  async check(name: string, args: Properties): Promise<CheckResult> {
    const { inputs, failures } = await this.host.check({}, this.#sent(name, args), { urn: this.urn(name) });
    return { inputs: this.received(inputs), failures };
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
    return { name, id, inputs, outs: this.received(outs) };
  }

  diff({ id, name, outs }: Token, news: Properties): Promise<DiffResult> {
    return this.host.diff(id, this.#sent(name, outs), this.#sent(name, news), { urn: this.urn(name) });
  }

  async read({ id, name, outs }: Token): Promise<Properties> {
    const { props } = await this.host.read(id, this.#sent(name, outs), { urn: this.urn(name) });
    return this.received(props);
  }

  async update({ id, name, outs }: Token, news: Properties): Promise<Properties> {
    const olds = this.#sent(name, outs);
    const result = await this.host.update(id, olds, this.#sent(name, news), { urn: this.urn(name) });
    return this.received(result.outs);
  }

  delete({ id, name, outs }: Token, options: { timeout?: number } = {}): Promise<void> {
    return this.host.delete(id, this.#sent(name, outs), { urn: this.urn(name), ...options });
  }

  /** Ends the provider and returns all that it showed to the user: what it prints may arrive later than its responses. */
  async shown(): Promise<string> {
    await this.host.close();
    return [this.host.stdout, this.host.stderr, ...this.logged.map(({ message }) => message)].join("\n");
  }

  /** Properties as both forms have them: not secret, and without what only the dynamic form keeps. */
  received(properties: Properties): Properties {
    const { name, __provider, ...others } = reveal(properties);
    return this.form === "dynamic" ? others : reveal(properties);
  }

  #sent(name: string, properties: Properties): Properties {
    return this.form === "dynamic" ? { name, __provider: SERIALIZED_PROVIDER, ...properties } : properties;
  }
}

/**
 * For one suite a Local Atlas without a rate limit, the engine's log service, and providers of one form. Each test sees its
 * own requests, tokens and lines only.
 */
export class Fixture {
  /** What Local Atlas calls, in this test, before and after it processes a request. */
  before: Hook | undefined;
  after: Hook | undefined;
  /** Milliseconds by which Atlas's clock is ahead in this test. */
  skew = 0;
  /** What the engine waits for, in this test, before it has received a line. */
  beforeLine: () => Promise<void> = () => Promise.resolve();
  /** Whether the engine is still there, in this test, whenever the provider asks. */
  whenAsked: () => boolean = () => true;
  readonly logged: LoggedLine[] = [];
  /** What the packaged form had shown in the status of a resource only. */
  readonly statuses: LoggedLine[] = [];
  #atlas: LocalAtlas | undefined;
  #address = "";
  readonly #shared = new Map<string, Provider>();
  #started: Provider[] = [];
  #earlier = { requests: 0, tokens: 0 };

  constructor(
    readonly form: Form,
    options: LocalAtlasOptions = {},
  ) {
    const engine = new Server();
    before(async () => {
      this.#atlas = await startLocalAtlas({
        requestsPerWindow: 0,
        before: (entry) => this.before?.(entry),
        after: (entry) => this.after?.(entry),
        now: () => Date.now() + this.skew,
        ...options,
      });
      this.#address = await this.#startEngine(engine);
    });
    beforeEach(() => {
      this.before = this.after = undefined;
      this.skew = 0;
      this.beforeLine = () => Promise.resolve();
      this.whenAsked = () => true;
      this.logged.length = this.statuses.length = 0;
      if (options.clients === undefined) this.atlas.setSecrets(defaultClientId, [defaultClientSecret]);
      this.#earlier = { requests: this.atlas.log().length, tokens: this.atlas.tokens().length };
    });
    afterEach(() => this.#close(this.#started.splice(0)));
    after(async () => {
      await this.#close([...this.#shared.values()]);
      engine.forceShutdown();
      await this.#atlas?.close();
    });
  }

  get atlas(): LocalAtlas {
    if (this.#atlas === undefined) throw new Error("there is no Local Atlas outside of a test");
    return this.#atlas;
  }

  /** What Atlas was asked, and its responses: `issue 200`. */
  get requests(): string[] {
    const requests = this.atlas.log().slice(this.#earlier.requests);
    return requests.map(({ endpoint, status }) => `${endpoint} ${status ?? "none"}`);
  }

  /** How many tokens of this test are active. */
  get active(): number {
    const tokens = this.atlas.tokens().slice(this.#earlier.tokens);
    return tokens.filter(({ active }) => active).length;
  }

  /**
   * Returns a provider with this environment and configuration, which all tests of the suite share: one that a test ends, or
   * that remembers what others must not meet, is to be started. The environment holds the credentials of Local Atlas unless
   * it says otherwise; keys of the configuration have no namespace.
   */
  async share(env: Readonly<Record<string, string>> = {}, config: Properties = {}): Promise<Provider> {
    const key = JSON.stringify([env, config]);
    const provider = this.#shared.get(key) ?? (await this.#launch(env, config));
    this.#shared.set(key, provider);
    return provider;
  }

  /** The same for one test, as the engine starts a provider for each operation. */
  async start(
    env: Readonly<Record<string, string>> = {},
    config: Properties = {},
    nodeOptions: readonly string[] = [],
    fifo = false,
  ): Promise<Provider> {
    const provider = await this.#launch(env, config, nodeOptions, fifo);
    this.#started.push(provider);
    return provider;
  }

  async #launch(
    env: Readonly<Record<string, string>>,
    config: Properties,
    nodeOptions: readonly string[] = [],
    fifo = false,
  ): Promise<Provider> {
    const host = await startProviderHost({
      cwd: root,
      env: { ...environmentFor(this.atlas), ...env },
      nodeOptions,
      fifo,
      ...(this.form === "packaged" ? { script: join(plugin, "start.js"), engine: this.#address } : {}),
    });
    if (this.form === "packaged") await host.handshake(this.#address);
    const namespace = this.form === "dynamic" ? "mongodbatlas:" : "";
    const entries = Object.entries(config).map(([key, value]) => [namespace + key, value]);
    await host.configure(Object.fromEntries(entries) as Record<string, string>);
    return new Provider(this.form, host, this.logged);
  }

  async #close(providers: readonly Provider[]): Promise<void> {
    await Promise.all(providers.map(({ host }) => host.close()));
  }

  async #startEngine(engine: Server): Promise<string> {
    engine.addService(EngineService, {
      getRootResource: (_: unknown, respond: sendUnaryData<GetRootResourceResponse>) => {
        if (this.whenAsked()) respond(null, new GetRootResourceResponse());
        else respond({ code: status.UNAVAILABLE });
      },
      log: ({ request }: ServerUnaryCall<LogRequest, Empty>, respond: sendUnaryData<Empty>) => {
        void this.beforeLine().then(() => {
          const [message, urn, severity] = [request.getMessage(), request.getUrn(), request.getSeverity()];
          (request.getEphemeral() ? this.statuses : this.logged).push({ message, urn, severity });
          respond(null, new Empty());
        });
      },
    });
    const bind = promisify(engine.bindAsync.bind(engine));
    return `127.0.0.1:${await bind("127.0.0.1:0", ServerCredentials.createInsecure())}`;
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
