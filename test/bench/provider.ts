import { credentials, type ServiceError } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

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
    private readonly dynamicInputs: Properties,
    private readonly baseUrl: string,
  ) {}

  static async start(workspace: Workspace, contender: Contender, baseUrl = ""): Promise<Provider> {
    const dynamicInputs = contender.endsWith("packaged") ? {} : await dynamicInputsOf(workspace, contender);
    let file = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    if (contender.endsWith("-packaged")) file = join(workspace.plugins.idle, "pulumi-resource-idle");
    if (contender === "packaged") file = join(workspace.plugins["atlas-token"], "pulumi-resource-atlas-token");
    const { PATH = "", HOME = "" } = process.env;
    const NODE_OPTIONS = `--require ${join(__dirname, "report-heap.cjs")}`;
    const start = performance.now();
    const child = spawn(
      contender.endsWith("packaged") ? file : process.execPath,
      // The address would be the engine's.
      [...(contender.endsWith("packaged") ? [] : [file]), "127.0.0.1:1", contender.replace("-packaged", "")],
      { cwd: workspace.folder, env: { PATH, HOME, NODE_OPTIONS, PULUMI_NODEJS_PROJECT: "bench" } },
    );
    running.add(child);
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    const readyMs = performance.now() - start;
    const client = new ResourceProviderClient(`127.0.0.1:${Number(port)}`, credentials.createInsecure());
    await call((done) => client.waitForReady(Date.now() + 30_000, (error) => done((error ?? null) as null, undefined)));
    const configure = new messages.ConfigureRequest().setArgs(Struct.fromJavaScript({}));
    await call((done) => client.configure(configure, done));
    return new Provider(child, readyMs, client, dynamicInputs, baseUrl);
  }

  /** Checks the inputs of a token of an account, and returns its `create`. */
  async prepare(name: string, account: number): Promise<() => Promise<Token>> {
    const urn = `urn:pulumi:bench::bench::atlas-token:index:ServiceAccountToken::${name}`;
    const inputs: Properties = { ...argumentsFor(account, this.baseUrl), ...this.dynamicInputs };
    if ("name" in inputs) inputs["name"] = name;
    const check = new messages.CheckRequest().setUrn(urn).setOlds(Struct.fromJavaScript({}));
    check.setNews(Struct.fromJavaScript(inputs));
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

const probes = new Map<string, Properties>();

/** What a dynamic resource sends besides its arguments: the provider as text, and in our case its name. */
async function dynamicInputsOf(workspace: Workspace, contender: Contender): Promise<Properties> {
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
    probes.set(name, inputs as Properties);
    return { id: name, state: {} };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the program as the engine runs it
  const { declare } = require(join(workspace.folder, "program")) as typeof import("./rivals/program");
  const token = declare(contender, contender, argumentsFor(0, "http://127.0.0.1:1"));
  await new Promise((resolve) => token.urn.apply(resolve));
  const { __provider = "", name } = probes.get(contender)!;
  return { __provider, ...(name === undefined ? {} : { name }) };
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
