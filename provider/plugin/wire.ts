import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

import { SECRET_PROPERTIES } from "../operations/arguments";
import type { CheckFailure } from "../operations/check";
import type { DiffResult } from "../operations/diff";
import type { Properties } from "../operations/record";

/*
 * How properties, changes and errors look on the wire, as defined in the engine's resource protocol.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
 */

const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
const { ADD, DELETE, UPDATE, ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** A request that cannot be carried out as it was sent. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
}

/**
 * Reads the properties of a request. The engine unwraps secrets for a provider that does not accept them, except in the
 * provider's own configuration.
 */
export function readProperties(struct: Struct | undefined): Properties {
  try {
    return unwrap(struct?.toJavaScript() ?? {}) as Properties;
  } catch (cause) {
    throw new InvalidRequest("the request contains a malformed property struct", { cause });
  }
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Properties)[SIGNATURE] === SECRET_SIGNATURE) return unwrap((value as Properties)["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

/** Writes the properties of a response without what only the dynamic resource keeps, and marks those that are secret. */
export function writeProperties({ name, __provider, ...properties }: Properties): Struct {
  const marked = Object.entries(properties).map(([key, value]) => [
    key,
    SECRET_PROPERTIES.includes(key) ? { [SIGNATURE]: SECRET_SIGNATURE, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(marked) as Record<string, JavaScriptValue>);
}

/** The type and the logical name of a resource; the name may contain the separator. */
export function parseUrn(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

export function toFailure({ property, reason }: CheckFailure): messages.CheckFailure {
  return new messages.CheckFailure().setProperty(property).setReason(reason);
}

/** Names each change and its kind, so that the preview shows those of secrets and of outputs as well: `[diff: ~expiresAt]`. */
export function toDiffResponse(
  { changed, replaces }: Pick<DiffResult, "changed" | "replaces">,
  olds: Properties,
  news: Properties,
): messages.DiffResponse {
  const names = [...new Set([...changed, ...replaces])];
  const response = new messages.DiffResponse().setReplacesList(replaces).setHasdetaileddiff(true);
  for (const name of names) {
    const replacing = replaces.includes(name);
    const isInput = changed.includes(name);
    let kind = replacing ? UPDATE_REPLACE : UPDATE;
    if (isInput && olds[name] === undefined) kind = replacing ? ADD_REPLACE : ADD;
    if (isInput && news[name] === undefined) kind = replacing ? DELETE_REPLACE : DELETE;
    response.getDetaileddiffMap().set(name, new messages.PropertyDiff().setKind(kind).setInputdiff(isInput));
  }
  return response.setDiffsList(names).setChanges(names.length > 0 ? DIFF_SOME : DIFF_NONE);
}

/** The gRPC error for a failed call: the message without a stack, and what a failed initialization leaves in the state. */
export function toServiceError(error: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidRequest) return { code: status.INVALID_ARGUMENT, details: message };
  const failure = error as { id?: string; properties?: Properties; reasons?: string[] };
  if (failure.id === undefined) return { code: status.UNKNOWN, details: message };

  const detail = new messages.ErrorResourceInitFailed()
    .setId(failure.id)
    .setProperties(writeProperties(failure.properties ?? {}))
    .setReasonsList(failure.reasons ?? []);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const response = new Status().setCode(status.UNKNOWN).setMessage(message);
  response.addDetails(packed);
  // The trailer in which gRPC carries structured errors; grpc-js has no interface for it.
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(response.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}
