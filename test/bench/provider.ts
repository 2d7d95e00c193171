import { credentials, type ServiceError } from "@grpc/grpc-js";
import { runtime, type dynamic } from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { SERIALIZED_PROVIDER } from "../../provider/dynamic/serialized-provider";
import { argumentsFor, type Contender } from "./rivals/program";
import type { Workspace } from "./workspace";

type Properties = Record<string, JavaScriptValue>;

export interface Token {
  readonly urn: string;
  readonly id: string;
  readonly outputs: Properties;
}

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A provider process of a contender, driven as the engine drives it. */
export class Provider {
  private constructor(
    readonly child: ChildProcess,
    /** Until the process printed its port, in milliseconds. */
    readonly readyMs: number,
    private readonly client: ResourceProviderClient,
    /** The provider as text, where it is dynamic. */
    private readonly serialized: string | undefined,
    private readonly baseUrl: string,
  ) {}

  static async start(workspace: Workspace, contender: Contender, baseUrl = workspace.baseUrl): Promise<Provider> {
    const { folder, plugins } = workspace;
    let command = [process.execPath, require.resolve("@pulumi/pulumi/cmd/dynamic-provider")];
    if (contender.endsWith("-packaged")) command = [join(plugins.idle, "pulumi-resource-idle")];
    if (contender === "packaged") command = [join(plugins["atlas-token"], "pulumi-resource-atlas-token")];
    const { PATH = "", HOME = "" } = process.env;
    const NODE_OPTIONS = `--require ${join(__dirname, "report-heap.cjs")}`;
    const serialized = contender.endsWith("packaged") ? undefined : await serializedOf(workspace, contender);
    const start = performance.now();
    // The first argument would be the address of the engine.
    const env = { PATH, HOME, NODE_OPTIONS, PULUMI_NODEJS_PROJECT: "bench" };
    const child = spawn(command[0]!, [...command.slice(1), "127.0.0.1:1", contender], { cwd: folder, env });
    running.add(child);
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const readyMs = performance.now() - start;
    const client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
    const configure = new messages.ConfigureRequest().setArgs(Struct.fromJavaScript({}));
    await call((done) => client.configure(configure, done));
    return new Provider(child, readyMs, client, serialized, baseUrl);
  }

  /** Checks the inputs of a token of an account, and returns its `create`. */
  async prepare(name: string, account: number): Promise<() => Promise<Token>> {
    const urn = `urn:pulumi:bench::bench::atlas-token:index:ServiceAccountToken::${name}`;
    const dynamicInputs = this.serialized === undefined ? {} : { __provider: this.serialized, name };
    const news = Struct.fromJavaScript({ ...argumentsFor(account, this.baseUrl), ...dynamicInputs });
    const check = new messages.CheckRequest().setUrn(urn).setOlds(Struct.fromJavaScript({})).setNews(news);
    const checked = await call<messages.CheckResponse>((done) => this.client.check(check, done));
    if (checked.getFailuresList().length > 0) throw new Error(JSON.stringify(checked.toObject()));
    const create = new messages.CreateRequest().setUrn(urn).setProperties(unwrapped(checked.getInputs()));
    return async () => {
      const response = await call<messages.CreateResponse>((done) => this.client.create(create, done));
      return { urn, id: response.getId(), outputs: unwrapped(response.getProperties()).toJavaScript() };
    };
  }

  async delete({ urn, id, outputs }: Token): Promise<void> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(Struct.fromJavaScript(outputs));
    await call((done) => this.client.delete(request, done));
  }

  async close(): Promise<void> {
    this.client.close();
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
    running.delete(this.child);
  }
}

/** The provider as the state of a dynamic resource holds it. */
async function serializedOf(workspace: Workspace, contender: Contender): Promise<string> {
  if (contender === "dynamic") return SERIALIZED_PROVIDER;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the provider as the engine runs it
  const { provider } = require(join(workspace.folder, contender)) as { provider: dynamic.ResourceProvider };
  return (await runtime.serializeFunction(() => provider)).text;
}

/** Unwraps secrets, as the engine does it for a provider that does not accept them. */
function unwrapped(struct = new Struct()): Struct {
  const unwrap = (value: JavaScriptValue): JavaScriptValue =>
    typeof value === "object" && value !== null && "value" in value ? value.value! : value;
  const entries = Object.entries(struct.toJavaScript()).map(([key, value]) => [key, unwrap(value)] as const);
  return Struct.fromJavaScript(Object.fromEntries(entries));
}

function call<Response>(send: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    send((error, response) => (error ? reject(error) : resolve(response)));
  });
}
