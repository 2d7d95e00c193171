import type { ServiceError } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { toProperties } from "./structs";
import type { Properties } from "./values";

/** What the host tells of a resource that exists but did not come up as it should. */
export interface InitializationFailure {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];
}

/** A call that the host answered with an error. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";

  constructor(
    message: string,
    /** The gRPC status. */
    readonly code: number,
    /** Present where the resource was created, or updated, all the same. */
    readonly initialization?: InitializationFailure,
  ) {
    super(message);
  }
}

export function toProviderError(error: ServiceError): ProviderError {
  return new ProviderError(error.details, error.code, initializationFailure(error));
}

function initializationFailure({ metadata }: ServiceError): InitializationFailure | undefined {
  const [status] = metadata.get("grpc-status-details-bin");
  if (!(status instanceof Buffer)) return undefined;
  for (const detail of Status.deserializeBinary(status).getDetailsList()) {
    if (detail.getTypeName() !== "pulumirpc.ErrorResourceInitFailed") continue;
    const failure = ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    return {
      id: failure.getId(),
      properties: toProperties(failure.getProperties()),
      reasons: failure.getReasonsList(),
    };
  }
  return undefined;
}
