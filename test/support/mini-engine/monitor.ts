import { Server, ServerCredentials, status, type handleUnaryCall } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogSeverity, SetRootResourceResponse, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  RegisterResourceResponse,
  Result,
  SupportsFeatureResponse,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  type SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { toProperties, toStruct } from "../structs";
import type { Properties } from "../values";
import { goalOf, type Goal } from "./goal";
import type { Severity } from "./transcript";

/** What the program is told of a resource that it registered. */
export interface Registered {
  readonly urn: string;
  /** Absent while it is not known. */
  readonly id?: string;
  readonly outputs: Properties;
  readonly result: "succeeded" | "failed" | "skipped";
}

/** What a program may ask of the engine. */
export interface Monitor {
  /** Rejects when nothing more is going to happen: the program then ends without a word of its own. */
  register(goal: Goal): Promise<Registered>;
  registerOutputs(urn: string, outputs: Properties): void;
  log(severity: Severity, message: string, urn: string): void;
}

/** Listens for a program as the engine does: what speaks to it is Pulumi's own SDK. */
export async function serve(monitor: Monitor): Promise<{ readonly address: string; close(): Promise<void> }> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(EngineService, {
    log: answer((request: LogRequest) => {
      const severity = severities[request.getSeverity()];
      if (severity) monitor.log(severity, request.getMessage(), request.getUrn());
      return new Empty();
    }),
    setRootResource: answer(() => new SetRootResourceResponse()),
  });
  server.addService(ResourceMonitorService, {
    supportsFeature: answer((request: SupportsFeatureRequest) =>
      new SupportsFeatureResponse().setHassupport(features.has(request.getId())),
    ),
    registerResource: answer(async (request: RegisterResourceRequest) => {
      const { urn, id = "", outputs, result } = await monitor.register(goalOf(request));
      return new RegisterResourceResponse()
        .setUrn(urn)
        .setId(id)
        .setObject(toStruct(outputs))
        .setResult({ succeeded: Result.SUCCESS, failed: Result.FAIL, skipped: Result.SKIP }[result]);
    }),
    registerResourceOutputs: answer((request: RegisterResourceOutputsRequest) => {
      monitor.registerOutputs(request.getUrn(), toProperties(request.getOutputs()));
      return new Empty();
    }),
    signalAndWaitForShutdown: answer(() => new Empty()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    // Waits until the program has everything that was sent to it.
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}

/** Debug messages are shown to nobody. */
const severities: Partial<Record<LogSeverity, Severity>> = {
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

/** The SDK refuses by itself what needs any other, such as hooks and transforms. */
const features = new Set(["secrets", "resourceReferences", "outputValues", "aliasSpecs"]);

function answer<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    Promise.resolve()
      .then(() => handle(request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: status.UNAVAILABLE, details: String(error) }),
      );
  };
}
