import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { cleanEnv } from "./clean-env";
import type { Properties } from "./values";
import { until } from "./within";

export interface ProviderHostOptions {
  /** Where the host looks for packages. */
  readonly cwd: string;
  /** Besides `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The project that a provider's own configuration belongs to. */
  readonly project?: string;
  /** Another program than the host of this repository's SDK. */
  readonly script?: string;
  /** Another Node.js than that of the tests. */
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  /** Where the engine's log service listens. Default: nowhere. */
  readonly engine?: string;
  /** Makes standard input a FIFO, as the engine does. Default: a socket, as Node.js makes it. */
  readonly fifo?: boolean;
}

/** What a request says in addition to properties; the host of dynamic providers passes none of it on. */
export interface RequestOptions {
  readonly urn?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly preview?: boolean;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffResult {
  /** Absent if the provider left it open: Pulumi then compares the inputs. */
  readonly changes?: boolean;
  readonly replaces: readonly string[];
  /** The top-level properties that differ. */
  readonly diffs: readonly string[];
  /** The kind of change of each property, if the provider says so. */
  readonly detailed?: Readonly<Record<string, messages.PropertyDiff.Kind>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A call that the provider answered with an error. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";

  constructor(
    message: string,
    /** The gRPC status. */
    readonly code: number,
    /** Present if the resource was created all the same. */
    readonly initialization?: { readonly id: string; readonly properties: Properties; readonly reasons: string[] },
  ) {
    super(message);
  }
}

/**
 * Starts Pulumi's own host of dynamic providers, whose properties must carry `__provider`, or the packaged provider, in a
 * process of its own.
 */
export async function startProviderHost(options: ProviderHostOptions): Promise<ProviderHost> {
  const { cwd, node = process.execPath, nodeOptions = [], env, project = "project", engine = "127.0.0.1:1" } = options;
  const script = options.script ?? require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  // With a FIFO the packaged provider ends by itself.
  const orphanGuard = options.fifo === true ? [] : ["--require", join(__dirname, "exit-with-parent.cjs")];
  const command = [node, ...nodeOptions, ...orphanGuard, script, engine];
  const [file = "", ...args] =
    options.fifo === true ? ["bash", "-c", 'exec "$@" < <(cat)', "bash", ...command] : command;
  const child = spawn(file, args, {
    cwd,
    env: cleanEnv({ PULUMI_NODEJS_PROJECT: project, ...env }),
  });
  const host = new ProviderHost(child);
  await host.connect();
  return host;
}

/** A running provider, driven as the engine drives it; a call that fails rejects with a `ProviderError`. */
export class ProviderHost {
  /** For calls that need more than properties. */
  client!: ResourceProviderClient;
  stderr = "";
  /** Resolves when the process is gone and all that it printed has arrived. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  #printed = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.exited = new Promise((resolve, reject) => {
      child.once("error", reject).once("close", (code, signal) => resolve({ code, signal }));
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Everything printed so far, but for the line with the port. */
  get stdout(): string {
    return this.#printed.slice(this.#printed.indexOf("\n") + 1);
  }

  /** Ends its standard input, as the end of the engine does. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Waits for the line with the port, and until it accepts calls. */
  async connect(): Promise<void> {
    const ended = this.exited.then(() => Promise.reject(new Error(`the provider has ended:\n${this.stderr}`)));
    await Promise.race([until("the provider to print its port", () => this.#printed.includes("\n")), ended]);
    const address = `127.0.0.1:${this.#printed.split("\n")[0]}`;
    const options = { "grpc.max_receive_message_length": -1, "grpc.enable_http_proxy": 0 };
    this.client = new ResourceProviderClient(address, credentials.createInsecure(), options);
    // On a busy machine the first call would otherwise fail before there is a connection.
    await promisify(this.client.waitForReady.bind(this.client))(Date.now() + 30_000);
  }

  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const request = new messages.ConfigureRequest().setArgs(toStruct(config));
    await call((done) => this.client.configure(request, done));
  }

  /** Greets it as the engine does. */
  async handshake(engine: string, invokeWithPreview = true): Promise<void> {
    const request = new messages.ProviderHandshakeRequest().setEngineAddress(engine);
    request.setInvokeWithPreview(invokeWithPreview);
    await call((done) => this.client.handshake(request, done));
  }

  async check(olds: Properties, news: Properties, { urn = "" }: RequestOptions = {}): Promise<CheckResult> {
    const request = new messages.CheckRequest().setUrn(urn).setOlds(toStruct(olds)).setNews(toStruct(news));
    const response = await call<messages.CheckResponse>((done) => this.client.check(request, done));
    const failures = response.getFailuresList().map((failure) => failure.toObject());
    return { inputs: toProperties(response.getInputs()), failures };
  }

  async diff(id: string, olds: Properties, news: Properties, { urn = "" }: RequestOptions = {}): Promise<DiffResult> {
    const request = new messages.DiffRequest().setId(id).setUrn(urn).setOlds(toStruct(olds)).setNews(toStruct(news));
    const response = await call<messages.DiffResponse>((done) => this.client.diff(request, done));
    const changes = response.getChanges();
    const { DIFF_SOME, DIFF_UNKNOWN } = messages.DiffResponse.DiffChanges;
    const detailed: Record<string, messages.PropertyDiff.Kind> = {};
    response.getDetaileddiffMap().forEach((diff, name) => (detailed[name] = diff.getKind()));
    return {
      ...(changes === DIFF_UNKNOWN ? {} : { changes: changes === DIFF_SOME }),
      replaces: response.getReplacesList(),
      diffs: response.getDiffsList(),
      ...(response.getHasdetaileddiff() ? { detailed } : {}),
    };
  }

  async create(props: Properties, { urn = "", timeout = 0, preview = false }: RequestOptions = {}) {
    const request = new messages.CreateRequest().setUrn(urn).setProperties(toStruct(props));
    request.setTimeout(timeout).setPreview(preview);
    const response = await call<messages.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outs: toProperties(response.getProperties()) };
  }

  async read(id: string, props: Properties, { urn = "" }: RequestOptions = {}) {
    const request = new messages.ReadRequest().setId(id).setUrn(urn).setProperties(toStruct(props));
    const response = await call<messages.ReadResponse>((done) => this.client.read(request, done));
    const [outs, inputs] = [response.getProperties(), response.getInputs()].map(toProperties);
    return { id: response.getId(), props: outs!, inputs: inputs! };
  }

  async update(id: string, olds: Properties, news: Properties, { urn = "" }: RequestOptions = {}) {
    const request = new messages.UpdateRequest().setId(id).setUrn(urn).setOlds(toStruct(olds)).setNews(toStruct(news));
    const response = await call<messages.UpdateResponse>((done) => this.client.update(request, done));
    return { outs: toProperties(response.getProperties()) };
  }

  async delete(id: string, props: Properties, { urn = "", timeout = 0 }: RequestOptions = {}): Promise<void> {
    const request = new messages.DeleteRequest().setId(id).setUrn(urn).setProperties(toStruct(props));
    request.setTimeout(timeout);
    await call((done) => this.client.delete(request, done));
  }

  async invoke(name: string, args: Properties) {
    const request = new messages.InvokeRequest().setTok(name).setArgs(toStruct(args));
    const response = await call<messages.InvokeResponse>((done) => this.client.invoke(request, done));
    const failures = response.getFailuresList().map((failure) => failure.toObject());
    return { outs: toProperties(response.getReturn()), failures };
  }

  /** Ends it at once, as a crash would. */
  kill(): Promise<Exit> {
    this.client.close();
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  /** Ends it as the engine does: asked first, killed when that does not help. */
  async close(): Promise<Exit> {
    this.client.close();
    this.#child.kill("SIGTERM");
    const patience = setTimeout(() => void this.kill(), 5_000);
    return this.exited.finally(() => clearTimeout(patience));
  }
}

/** Makes a call and rejects with a `ProviderError` if it fails. */
export function call<Response>(send: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
  return new Promise<Response>((resolve, reject) => {
    send((error, response) => {
      if (error) reject(toProviderError(error));
      else resolve(response);
    });
  });
}

export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

export function toProperties(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

function toProviderError({ details, code, metadata }: ServiceError): ProviderError {
  const [status] = metadata.get("grpc-status-details-bin");
  const [detail] = status instanceof Buffer ? Status.deserializeBinary(status).getDetailsList() : [];
  if (detail?.getTypeName() !== "pulumirpc.ErrorResourceInitFailed") return new ProviderError(details, code);
  const failure = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  const properties = toProperties(failure.getProperties());
  return new ProviderError(details, code, { id: failure.getId(), properties, reasons: failure.getReasonsList() });
}
