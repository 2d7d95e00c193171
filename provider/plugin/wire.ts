import { Metadata, status, type StatusObject } from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { isDeepStrictEqual } from "node:util";

import { SECRET_PROPERTIES, UNKNOWN } from "../operations/arguments";
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

/** The key whose value says what an object represents. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
/** Not sent to a provider that does not accept it, except by a caller that does not know the difference. */
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** A request that cannot be carried out as it was sent. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
}

/**
 * Reads the properties of a request as the operations compare them: without marks of secrets, a resource as its ID, an asset
 * as its hash. That is also what a state contains that was written when the engine did not pass secrets and resources.
 */
export function readProperties(struct: Struct | undefined): Properties {
  return plain(toJavaScript(struct)) as Properties;
}

/**
 * Writes the properties of a response. What was marked in the request is marked at the same place.
 *
 * @param request the properties of the request; of a property that is in several, the last one counts
 */
export function writeProperties(properties: Properties, ...request: readonly (Struct | undefined)[]): Struct {
  const came = Object.fromEntries(request.flatMap((struct) => Object.entries(toJavaScript(struct))));
  const written = Object.entries(properties).map(([key, value]) => {
    const marked = restore(value, came[key]);
    return [key, SECRET_PROPERTIES.includes(key) && !isSecret(marked) ? secret(marked) : marked];
  });
  return Struct.fromJavaScript(Object.fromEntries(written) as Record<string, JavaScriptValue>);
}

function toJavaScript(struct: Struct | undefined): Properties {
  try {
    return struct?.toJavaScript() ?? {};
  } catch (cause) {
    throw new InvalidRequest("the request contains a malformed property struct", { cause });
  }
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  switch (value[SIGNATURE]) {
    case SECRET:
    case OUTPUT:
      return plain(content(value));
    case RESOURCE:
      // A component has no ID, and an ID that is not known yet is empty.
      return value["id"] === "" ? UNKNOWN : (value["id"] ?? value["urn"]);
    case ASSET:
    case ARCHIVE:
      return value["hash"] ? { [SIGNATURE]: value[SIGNATURE], hash: value["hash"] } : value;
    default:
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
}

/** Marks a value as the one that came at its place, of which `plain` made what the operations saw. */
function restore(value: unknown, came: unknown): unknown {
  if (isObject(came) && (came[SIGNATURE] === SECRET || came[SIGNATURE] === OUTPUT)) {
    const restored = restore(value, content(came));
    return isSecret(came) && !isSecret(restored) ? secret(restored) : restored;
  }
  if (isObject(came) && SIGNATURE in came) return isDeepStrictEqual(value, plain(came)) ? came : value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = Array.isArray(came) ? came : [];
    return value.map((item, index) => restore(item, items[index]));
  }
  if (!isObject(value)) return value;
  const items = isObject(came) ? came : {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restore(item, items[key])]));
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): boolean {
  if (!isObject(value)) return false;
  return value[SIGNATURE] === SECRET || (value[SIGNATURE] === OUTPUT && value["secret"] === true);
}

function secret(value: unknown): Properties {
  return { [SIGNATURE]: SECRET, value };
}

/** What a secret or an output holds; an output whose value is not known yet has none. */
function content(value: Properties): unknown {
  return "value" in value ? value["value"] : UNKNOWN;
}

/** Removes what only the dynamic resource keeps in the state. */
export function withoutName({ name, __provider, ...properties }: Properties): Properties {
  return properties;
}

/** The type and the logical name of a resource; the name may contain the separator. */
export function parseUrn(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/** Names the properties that are wrong, unless they came marked as secrets: the engine prints the value of those it can name. */
export function toCheckResponse(
  inputs: Struct | undefined,
  failures: readonly CheckFailure[],
  request: messages.CheckRequest,
): messages.CheckResponse {
  const news = toJavaScript(request.getNews());
  const response = new messages.CheckResponse().setInputs(inputs);
  for (const { property, reason } of failures) {
    const failure = response.addFailures();
    if (isSecret(news[property])) failure.setReason(`${property} ${reason}`);
    else failure.setProperty(property).setReason(reason);
  }
  return response;
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
export function toServiceError(error: unknown, request: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidRequest) return { code: status.INVALID_ARGUMENT, details: message };
  const failure = error as { id?: string; properties?: Properties; reasons?: string[] };
  if (failure.id === undefined) return { code: status.UNKNOWN, details: message };

  const inputs = request instanceof messages.CreateRequest ? request.getProperties() : undefined;
  const detail = new messages.ErrorResourceInitFailed()
    .setId(failure.id)
    .setProperties(writeProperties(withoutName(failure.properties ?? {}), inputs))
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
