import type { handleUnaryCall, ServerUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo, type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isDeepStrictEqual } from "node:util";

import type { ConfigKey } from "../config";
import { loadAuditLog, loadClient } from "../runtime/load-client";
import * as operations from "../operations";
import { RunState, type Client, type Context } from "../operations/context";
import { UNKNOWN } from "../operations/arguments";
import { describeResource } from "../operations/messages";
import type { Properties } from "../operations/record";
import { UserFacingError } from "../operations/user-facing-error";
import type { EngineLog } from "./engine-log";
import { EphemeralTokens } from "./ephemeral-tokens";
import {
  InvalidRequest,
  parseUrn,
  readProperties,
  toCheckResponse,
  toDiffResponse,
  toServiceError,
  withoutName,
  writeProperties,
} from "./wire";

export const TOKEN_TYPE = "atlas-token:index:ServiceAccountToken";

const CANNOT_GET =
  "Atlas does not return a token by its ID. To use a token of another stack, make it an output of that stack and read it " +
  "with a StackReference. To adopt a token that was issued elsewhere, pass it as existingToken.";

/** What is the same for every call of the process. */
export interface ServiceOptions {
  readonly schema: string;
  readonly version: string;
  readonly log: EngineLog;
}

/** What all requests about a resource have in common. */
interface ResourceRequest {
  getUrn(): string;
  /** Seconds, from the program's `customTimeouts`; 0 if it sets none. */
  getTimeout?(): number;
}

/** A call about a resource that is being carried out. */
interface ResourceCall {
  /** The resource's logical name. */
  readonly name: string;
  readonly context: Context;
  /** The provider's configuration, from which arguments have their defaults. */
  readonly config: Struct | undefined;
  /** Whether the engine is gone, or no longer waits for the response: nobody will record the outcome. */
  readonly isAbandoned: () => Promise<boolean>;
  /** Has work done once the response was sent, if the engine is gone by then. */
  readonly ifUndelivered: (work: () => Promise<unknown>) => void;
  /** Whether this is certainly a preview. */
  readonly isPreview: boolean;
}

/**
 * The protocol `pulumirpc.ResourceProvider` on top of the operations. The engine starts one process for each provider
 * instance and stack operation.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */
export class Service {
  readonly #options: ServiceOptions;
  readonly #runState = new RunState();
  /** Ends the waits of the running calls, one for each of them. */
  readonly #waits = new Set<AbortController>();
  #isEnding = false;
  readonly #ephemeralTokens: EphemeralTokens;
  readonly #running = new Set<Promise<void>>();
  #config: Struct | undefined;
  /** Whether this is certainly a preview, in which a provider that is new to the stack has no ID yet: the engine says no more. */
  #isPreview = false;
  #client: Client | undefined;
  readonly #onEvent: Context["onEvent"];

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#onEvent = loadAuditLog((line) => options.log.info(line));
    // All calls share one token, so that the end of one of them must not end its waits.
    const waits = new AbortController();
    this.#waits.add(waits);
    this.#ephemeralTokens = new EphemeralTokens(this.#context("", undefined, waits.signal), options.log);
  }

  /** The methods by name; grpc-js responds with UNIMPLEMENTED to any other. */
  get methods(): Partial<IResourceProviderServer> & UntypedServiceImplementation {
    const { log, version, schema } = this.#options;
    return {
      handshake: this.#unary((request: messages.ProviderHandshakeRequest) => {
        log.connect(request.getEngineAddress());
        this.#ephemeralTokens.isEndedBySignal = request.getInvokeWithPreview();
        return new messages.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true);
      }),
      attach: this.#unary((request: PluginAttach) => {
        log.connect(request.getAddress());
        return new Empty();
      }),
      getPluginInfo: this.#unary(() => new PluginInfo().setVersion(version)),
      getSchema: this.#unary(() => new messages.GetSchemaResponse().setSchema(schema)),
      checkConfig: this.#unary(checkConfig),
      diffConfig: this.#unary(diffConfig),
      configure: this.#unary((request: messages.ConfigureRequest) => {
        this.#config = request.getArgs();
        this.#isPreview = request.getId() === UNKNOWN;
        const response = new messages.ConfigureResponse().setSupportspreview(true);
        return response.setAcceptsecrets(true).setAcceptresources(true);
      }),
      check: this.#resource(check),
      diff: this.#resource(diff),
      create: this.#resource(create),
      read: this.#resource(read),
      update: this.#resource(update),
      delete: this.#resource(remove),
      invoke: this.#unary((request: messages.InvokeRequest) => this.#ephemeralTokens.invoke(request)),
      cancel: this.#unary(() => {
        this.endWaits();
        return new Empty();
      }),
    };
  }

  /** Ends every wait for a retry or for a turn; requests in flight finish. */
  endWaits(): void {
    this.#isEnding = true;
    for (const waits of this.#waits) waits.abort();
  }

  /** Resolves when no call is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ends the waits, lets the running calls finish and revokes what must not outlive the run. */
  async end(isKilled: boolean): Promise<void> {
    this.endWaits();
    await this.#ephemeralTokens.end(isKilled, this.idle());
    await this.idle();
    await this.#options.log.flush();
  }

  #context(urn: string, timeout: number | undefined, waitSignal: AbortSignal): Context {
    const { log } = this.#options;
    return {
      sources: { namespace: "atlas-token", config: (key) => this.#configured(key), env: process.env },
      now: () => Date.now(),
      print: (line) => log.info(line, urn),
      client: () => (this.#client ??= loadClient((line) => log.info(line))),
      runState: this.#runState,
      onEvent: this.#onEvent,
      // Pulumi passes on what the program says, even if it is negative.
      retryTimeoutMs: timeout !== undefined && timeout > 0 ? timeout * 1000 : undefined,
      waitSignal,
    };
  }

  /** A value of the provider's configuration: the engine sends booleans as such, or as text. */
  #configured(key: ConfigKey): string | undefined {
    const value = readProperties(this.#config)[key];
    return typeof value === "string" || typeof value === "boolean" ? String(value) : undefined;
  }

  #resource<Request extends ResourceRequest, Response>(
    method: (request: Request, call: ResourceCall) => Response | Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return this.#unary(async (request: Request, call, ifUndelivered) => {
      const urn = request.getUrn();
      const { type, name } = parseUrn(urn);
      if (type !== TOKEN_TYPE) throw new InvalidRequest(`unknown resource type ${JSON.stringify(type)}`);
      const waits = new AbortController();
      if (this.#isEnding) waits.abort();
      this.#waits.add(waits);
      const abort = (): void => waits.abort();
      call.on("cancelled", abort);
      const context = this.#context(urn, request.getTimeout?.(), waits.signal);
      // Only after a round trip is it certain that the end of a connection would have been seen.
      const isAbandoned = async (): Promise<boolean> => !(await this.#options.log.isReachable()) || call.cancelled;
      try {
        const about = { name, context, config: this.#config, isPreview: this.#isPreview };
        return await method(request, { ...about, isAbandoned, ifUndelivered });
      } finally {
        // grpc-js emits the event at the end of every call.
        call.off("cancelled", abort);
        this.#waits.delete(waits);
        await this.#options.log.endStatus(urn);
      }
    });
  }

  #unary<Request, Response>(
    method: (
      request: Request,
      call: ServerUnaryCall<Request, Response>,
      ifUndelivered: ResourceCall["ifUndelivered"],
    ) => Response | Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const respond = async (): Promise<void> => {
        const { log } = this.#options;
        let undo: (() => Promise<unknown>) | undefined;
        try {
          const response = await method(call.request, call, (work) => (undo = work));
          await log.flush();
          callback(null, response);
        } catch (error) {
          await log.flush();
          callback(toServiceError(error, call.request));
        }
        if (undo !== undefined && !(await log.isReachable())) await undo();
      };
      const work = respond()
        .catch((error: unknown) => this.#options.log.warn(String(error)))
        .finally(() => this.#running.delete(work));
      this.#running.add(work);
    };
  }
}

function checkConfig(request: messages.CheckRequest): messages.CheckResponse {
  // Returned as they came, so that secrets stay secrets.
  return toCheckResponse(request.getNews(), operations.checkConfig(readProperties(request.getNews())), request);
}

/** No change of the configuration replaces the provider: check and diff decide what it means for a token. */
function diffConfig(request: messages.DiffRequest): messages.DiffResponse {
  const olds = readProperties(request.getOldInputs() ?? request.getOlds());
  const news = readProperties(request.getNews());
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = names.filter((name) => !isDeepStrictEqual(olds[name], news[name]));
  return toDiffResponse({ changed, replaces: [] }, olds, news);
}

/** The operations expect the logical name among the properties, where only the dynamic resource has it. */
function check(request: messages.CheckRequest, { name, context, config }: ResourceCall): messages.CheckResponse {
  const { name: argument, ...news } = readProperties(request.getNews());
  const { inputs, failures } = operations.check(readProperties(request.getOlds()), { ...news, name }, context);
  if (argument !== undefined) failures.push({ property: "name", reason: "unknown argument name" });
  return toCheckResponse(writeProperties(withoutName(inputs), config, request.getNews()), failures, request);
}

function diff(request: messages.DiffRequest, { context }: ResourceCall): messages.DiffResponse {
  const olds = readProperties(request.getOlds());
  const news = readProperties(request.getNews());
  return toDiffResponse(operations.diff(request.getId(), olds, news, context), olds, news);
}

async function create(request: messages.CreateRequest, call: ResourceCall): Promise<messages.CreateResponse> {
  const properties = request.getProperties();
  const inputs = readProperties(properties);
  if (request.getPreview()) {
    const outputs = { accessToken: UNKNOWN, tokenType: UNKNOWN, issuedAt: UNKNOWN, expiresAt: UNKNOWN };
    return new messages.CreateResponse().setProperties(writeProperties({ ...inputs, ...outputs }, properties));
  }
  const { name, context, isAbandoned, ifUndelivered } = call;
  const revokeIfAbandoned = async (id: string, outs: Properties): Promise<void> => {
    // What ends the waits of the call must not end those of this.
    const unbounded = { ...context, waitSignal: undefined, retryTimeoutMs: undefined };
    const revoke = (): Promise<void> => operations.remove(id, outs, unbounded);
    if (!(await isAbandoned())) {
      ifUndelivered(revoke);
      return;
    }
    await revoke();
    throw new Error(`ServiceAccountToken ${id} was revoked because the engine disconnected before recording it`);
  };
  try {
    const { id, outs } = await operations.create({ ...inputs, name }, context);
    await revokeIfAbandoned(id, outs);
    const response = new messages.CreateResponse().setId(id).setRefreshBeforeUpdate(asksToBeRead(outs));
    return response.setProperties(writeProperties(withoutName(outs), properties));
  } catch (error) {
    if (error instanceof UserFacingError && error.id !== undefined)
      await revokeIfAbandoned(error.id, error.properties ?? {});
    throw error;
  }
}

/**
 * Refreshes a resource, or imports one. A request without properties is an import if it has no inputs either: its ID says
 * where to read the token. With empty inputs it comes from the function `get` of an SDK.
 */
async function read(
  request: messages.ReadRequest,
  { name, context, config, isPreview }: ResourceCall,
): Promise<messages.ReadResponse> {
  const write = (id: string, inputs: Struct, outputs: Struct): messages.ReadResponse =>
    new messages.ReadResponse().setId(id).setInputs(inputs).setProperties(outputs);
  const properties = readProperties(request.getProperties());
  if (Object.keys(properties).length === 0) {
    if (request.hasInputs()) {
      const what = `${describeResource(name)} was not read`;
      throw new UserFacingError(what, "no such endpoint", `${what}: ${CANNOT_GET}`);
    }
    const { id, inputs, outs } = operations.importToken(
      request.getId(),
      name,
      isPreview ? { ...context, onEvent: undefined } : context,
    );
    return write(id, writeProperties(withoutName(inputs), config), writeProperties(withoutName(outs), config));
  }
  const { id, props } = await operations.read(request.getId(), properties, context);
  const inputs = writeProperties(readProperties(request.getInputs()), request.getInputs());
  const outputs = writeProperties(props, request.getProperties());
  return write(id, inputs, outputs).setRefreshBeforeUpdate(asksToBeRead(props));
}

function update(request: messages.UpdateRequest): messages.UpdateResponse {
  const [olds, news] = [request.getOlds(), request.getNews()];
  const { outs } = operations.update(readProperties(olds), readProperties(news));
  const response = new messages.UpdateResponse().setRefreshBeforeUpdate(asksToBeRead(outs));
  return response.setProperties(writeProperties(withoutName(outs), olds, news));
}

/** Whether every `up`, `preview` and `destroy` is to read the resource first; engines before 3.172 ignore it. */
function asksToBeRead({ verify }: Properties): boolean {
  return verify === true;
}

async function remove(request: messages.DeleteRequest, { name, context }: ResourceCall): Promise<Empty> {
  await operations.remove(request.getId(), { ...readProperties(request.getProperties()), name }, context);
  return new Empty();
}
