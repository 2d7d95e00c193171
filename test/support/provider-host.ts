import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { cleanEnv } from "./clean-env";
import { toProviderError } from "./provider-error";
import { toProperties, toStruct } from "./structs";
import type { Properties } from "./values";

export interface ProviderHostOptions {
  /** Where the host looks for packages. */
  readonly cwd: string;
  /** Besides `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The project that a provider's own configuration belongs to. */
  readonly project?: string;
  /** Another copy of the host than that of this repository. */
  readonly script?: string;
  /** Another Node.js than that of the tests. */
  readonly node?: string;
  /** Options of Node.js for it. */
  readonly nodeOptions?: readonly string[];
  /** Where the engine's log service listens. Default: nowhere. */
  readonly engine?: string;
}

/** What a request says in addition to properties; the host of dynamic providers passes none of it on. */
export interface RequestOptions {
  readonly urn?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly preview?: boolean;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface DiffResult {
  /** Absent where the provider left it open: Pulumi then compares the inputs. */
  readonly changes?: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** The kind of change of each property, if the provider says so. */
  readonly detailed?: Readonly<Record<string, messages.PropertyDiff.Kind>>;
}

export interface ReadResult {
  /** Empty when the resource is gone. */
  readonly id: string;
  readonly props: Properties;
  readonly inputs?: Properties;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Pulumi's own host of dynamic providers, in a process of its own, driven as the engine drives it.
 *
 * A call that fails rejects with a `ProviderError`. Properties must carry `__provider`.
 */
export interface ProviderHost {
  configure(config: Readonly<Record<string, string>>): Promise<void>;
  check(olds: Properties, news: Properties, options?: RequestOptions): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties, options?: RequestOptions): Promise<DiffResult>;
  create(props: Properties, options?: RequestOptions): Promise<{ readonly id: string; readonly outs: Properties }>;
  read(id: string, props: Properties, options?: RequestOptions): Promise<ReadResult>;
  update(
    id: string,
    olds: Properties,
    news: Properties,
    options?: RequestOptions,
  ): Promise<{ readonly outs: Properties }>;
  delete(id: string, props: Properties, options?: RequestOptions): Promise<void>;
  /** The client itself, for calls that need more than properties. */
  readonly client: ResourceProviderClient;
  readonly pid: number;
  /** Everything printed so far, but for the line with the port. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the process is gone and all that it printed has arrived. */
  readonly exited: Promise<Exit>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<Exit>;
  /** Ends it as the engine does: asked first, killed when that does not help. */
  close(): Promise<Exit>;
}

export async function startProviderHost(options: ProviderHostOptions): Promise<ProviderHost> {
  const { node = process.execPath, nodeOptions = [] } = options;
  const script = options.script ?? require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const orphanGuard = ["--require", join(__dirname, "exit-with-parent.cjs")];
  const child = spawn(node, [...nodeOptions, ...orphanGuard, script, options.engine ?? "127.0.0.1:1"], {
    cwd: options.cwd,
    env: cleanEnv({ PULUMI_NODEJS_PROJECT: options.project ?? "project", ...options.env }),
  });
  const exited = exitOf(child);
  const printed = collect(child);
  const port = await Promise.race([printed.port, exited.then(() => undefined)]);
  if (port === undefined) throw new Error(`the provider host ended before it was ready:\n${printed.stderr}`);

  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.enable_http_proxy": 0,
  });
  // On a busy machine the first call would otherwise fail before there is a connection.
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + 30_000, (error) => (error ? reject(error) : resolve()));
  });
  const kill = () => {
    client.close();
    child.kill("SIGKILL");
    return exited;
  };
  const close = async () => {
    client.close();
    child.kill("SIGTERM");
    const patience = setTimeout(() => void kill(), 5_000);
    return exited.finally(() => clearTimeout(patience));
  };

  return {
    async configure(config) {
      const request = new messages.ConfigureRequest().setArgs(toStruct(config));
      await call((done) => client.configure(request, done));
    },
    async check(olds, news, { urn = "" } = {}) {
      const request = new messages.CheckRequest().setUrn(urn).setOlds(toStruct(olds)).setNews(toStruct(news));
      const response = await call<messages.CheckResponse>((done) => client.check(request, done));
      const failures = response.getFailuresList().map((failure) => failure.toObject());
      return { inputs: toProperties(response.getInputs()), failures };
    },
    async diff(id, olds, news, { urn = "" } = {}) {
      const request = new messages.DiffRequest().setId(id).setUrn(urn).setOlds(toStruct(olds)).setNews(toStruct(news));
      const response = await call<messages.DiffResponse>((done) => client.diff(request, done));
      const changes = response.getChanges();
      const { DIFF_SOME, DIFF_UNKNOWN } = messages.DiffResponse.DiffChanges;
      const detailed: Record<string, messages.PropertyDiff.Kind> = {};
      response.getDetaileddiffMap().forEach((diff, name) => (detailed[name] = diff.getKind()));
      return {
        ...(changes === DIFF_UNKNOWN ? {} : { changes: changes === DIFF_SOME }),
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        ...(response.getHasdetaileddiff() ? { detailed } : {}),
      };
    },
    async create(props, { urn = "", timeout = 0, preview = false } = {}) {
      const request = new messages.CreateRequest().setUrn(urn).setProperties(toStruct(props));
      request.setTimeout(timeout).setPreview(preview);
      const response = await call<messages.CreateResponse>((done) => client.create(request, done));
      return { id: response.getId(), outs: toProperties(response.getProperties()) };
    },
    async read(id, props, { urn = "" } = {}) {
      const request = new messages.ReadRequest().setId(id).setUrn(urn).setProperties(toStruct(props));
      const response = await call<messages.ReadResponse>((done) => client.read(request, done));
      const inputs = response.getInputs();
      return {
        id: response.getId(),
        props: toProperties(response.getProperties()),
        ...(inputs ? { inputs: toProperties(inputs) } : {}),
      };
    },
    async update(id, olds, news, { urn = "" } = {}) {
      const request = new messages.UpdateRequest()
        .setId(id)
        .setUrn(urn)
        .setOlds(toStruct(olds))
        .setNews(toStruct(news));
      const response = await call<messages.UpdateResponse>((done) => client.update(request, done));
      return { outs: toProperties(response.getProperties()) };
    },
    async delete(id, props, { urn = "", timeout = 0 } = {}) {
      const request = new messages.DeleteRequest().setId(id).setUrn(urn).setProperties(toStruct(props));
      request.setTimeout(timeout);
      await call((done) => client.delete(request, done));
    },
    client,
    pid: child.pid!,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    exited,
    kill,
    close,
  };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve({ code, signal }));
  });
}

function collect(child: ChildProcess): { port: Promise<string>; readonly stdout: string; readonly stderr: string } {
  let stdout = "";
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const port = new Promise<string>((resolve) => {
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      const end = stdout.indexOf("\n");
      if (end !== -1) resolve(stdout.slice(0, end));
    });
  });
  return {
    port,
    get stdout() {
      return stdout.slice(stdout.indexOf("\n") + 1);
    },
    get stderr() {
      return stderr;
    },
  };
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
