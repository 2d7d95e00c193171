import { types } from "node:util";

import { jsonObject, type HttpResponse } from "./http-response";
import { execute, prepareCall, unchecked, type CallOptions } from "./call";
import { TokenExpiry, type KnownBy } from "./expiry";
import type { Failure } from "./failure";
import { fromResponse } from "./classify";
import type { Attempt } from "./retry";
import type { ClientSettings } from "./client-settings";

/** Options of `revokeToken`. */
export interface RevokeTokenOptions extends CallOptions {
  /** The access token to revoke. */
  readonly token: string;
  /**
   * When the token expires. Once that is more than five minutes ago on this machine's clock and on Atlas's, the call
   * succeeds without a request. If Atlas's clock is not known yet, or Atlas cannot be reached, at most one attempt is made.
   *
   * @default undefined: Atlas is always asked
   */
  readonly expiresAt?: Date;
  /** Asks for a pretty-printed body. Default: false. */
  readonly pretty?: boolean;
  /** Asks for the status in the body as well, and honours it: the failing one of the two counts. Default: false. */
  readonly envelope?: boolean;
}

/** How a revocation succeeded; `attempts` counts the requests of this call. */
export type RevokeResult =
  | { readonly outcome: "revoked"; readonly status: number; readonly attempts: number }
  | { readonly outcome: "expired"; readonly knownBy: KnownBy; readonly attempts: number };

/** Revokes a token (RFC 7009); resolves once Atlas has confirmed it, or once the token has expired beyond doubt. */
export async function revoke(options: RevokeTokenOptions, settings: ClientSettings): Promise<RevokeResult> {
  const { expiresAt, pretty, envelope, ...given } = unchecked(options);
  const form = (token: string): Record<string, string> => ({ token, token_type_hint: "access_token" });
  const call = prepareCall("revoke", options, { given: given.token }, form, settings);
  if (expiresAt !== undefined && (!types.isDate(expiresAt) || Number.isNaN(expiresAt.getTime()))) {
    throw call.error({ code: "invalid_argument", retryable: false, description: "expiresAt must be a valid Date" }, 0);
  }
  const query = { ...(pretty ? { pretty: "true" } : {}), ...(envelope ? { envelope: "true" } : {}) };
  const expiry = expiresAt && new TokenExpiry(expiresAt.getTime(), call.request.origin, settings);
  const result = await execute(
    { ...call, request: { ...call.request, query } },
    options,
    settings,
    envelope ? readEnveloped : readPlain,
    expiry,
  );
  const { attempts } = result;
  if ("value" in result) return { outcome: "revoked", status: result.value, attempts };
  return { outcome: "expired", knownBy: expiry?.knownBy ?? "local-clock", attempts };
}

/** Any 2xx means revoked, whatever its body holds. */
function readPlain(answer: HttpResponse): Attempt<number> {
  return isSuccess(answer.status) ? { value: answer.status } : { failure: fromResponse("revoke", answer) };
}

/** Under `envelope` the HTTP status may be 200 while the body's says failure. */
function readEnveloped(answer: HttpResponse): Attempt<number> {
  if (!isSuccess(answer.status)) return readPlain(answer);
  if (!answer.complete) return { failure: unclear(answer) };
  if (answer.body === "") return readPlain(answer);
  const status = jsonObject(answer.body)?.["status"];
  if (typeof status === "number") {
    return isSuccess(status) ? { value: answer.status } : { failure: fromResponse("revoke", answer, status) };
  }
  return isJson(answer.body) ? readPlain(answer) : { failure: unclear(answer) };
}

/** A success outside whose inside cannot be read: to ask again does no harm. */
function unclear(answer: HttpResponse): Failure {
  return {
    ...fromResponse("revoke", answer),
    description: "the envelope could not be read, so that it is not known whether the token was revoked",
    retryable: true,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
