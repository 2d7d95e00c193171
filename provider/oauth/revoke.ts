import { types } from "node:util";

import { Call, unchecked, type CallOptions, type Reading } from "./call";
import { fromResponse } from "./failure/classify";
import type { ClientSettings } from "./client-settings";
import { TokenExpiry, type KnownBy } from "./queue/expiry";
import type { Failure } from "./failure/failure";
import { asObject, parseJson } from "./lib/json";
import { isHtml, isSuccess, serviceVersionOf, type HttpResponse } from "./http/response";

/** Options of `revokeToken`. */
export interface RevokeTokenOptions extends CallOptions {
  /**
   * The access token to revoke. White space around it is removed; anything but a `b64token` of RFC 6750 is refused.
   *
   * @default none: required
   */
  readonly token: string;
  /**
   * When the token expires. Five minutes later, on this machine's clock and on Atlas's, the call succeeds without a request. If Atlas's clock is not known yet, an attempt is made,
   * whose response tells it; if three attempts over ten seconds get no response, this machine's clock decides alone.
   *
   * @default undefined: Atlas is always asked
   */
  readonly expiresAt?: Date;
  /**
   * Asks for a pretty-printed response body.
   *
   * @default false
   */
  readonly pretty?: boolean;
  /**
   * Asks for the status in the response body as well. The call fails if either status reports a failure.
   *
   * @default false
   */
  readonly envelope?: boolean;
}

/** Atlas confirmed the revocation. */
export interface Revoked {
  /** Tells the results apart. */
  readonly outcome: "revoked";
  /** The HTTP status: 200 or 204. */
  readonly status: number;
  /** How many requests this call made. */
  readonly attempts: number;
}

/** The token had expired, so that Atlas did not have to confirm anything. */
export interface AlreadyExpired {
  /** Tells the results apart. */
  readonly outcome: "expired";
  /** Whose clocks say so: only this machine's if three attempts over ten seconds got no response, or no response had a `Date`. */
  readonly knownBy: KnownBy;
  /** If only this machine's clock says so: what the last attempt ran into, in one line. */
  readonly reason?: string;
  /** How many requests this call made, none of which succeeded. */
  readonly attempts: number;
}

/** How a revocation succeeded. */
export type RevokeResult = Revoked | AlreadyExpired;

/**
 * Revokes a token (RFC 7009); resolves once Atlas has confirmed it, or once the token has expired beyond doubt.
 *
 * @param otherSecrets the other client secrets of the same operation: no message repeats one of them either
 */
export async function revoke(
  options: RevokeTokenOptions,
  settings: ClientSettings,
  otherSecrets?: readonly string[],
): Promise<RevokeResult> {
  const call = new Call("revoke", options, settings, otherSecrets);
  const { expiresAt } = unchecked(options);
  call.requireArgument(expiresAt === undefined || isValidDate(expiresAt), "expiresAt must be a valid Date");
  const expiry = options.expiresAt && new TokenExpiry(options.expiresAt.getTime(), call.origin, settings);
  const { pretty = false, envelope = false } = options;
  const result = await call.execute(
    {
      form: { token: call.token, token_type_hint: "access_token" },
      query: { ...(pretty ? { pretty: "true" } : {}), ...(envelope ? { envelope: "true" } : {}) },
      read: (response) => readResponse(response, envelope),
    },
    expiry,
  );
  const { attempts } = result;
  if ("expired" in result) {
    call.report("expired", call.token, { attempts });
    const knownBy = expiry?.knownBy ?? "local-clock";
    return {
      outcome: "expired",
      knownBy,
      ...(knownBy === "local-clock" ? { reason: result.reason ?? "" } : {}),
      attempts,
    };
  }
  const { status, serviceVersion } = result;
  call.report("revoked", call.token, { status, attempts, serviceVersion });
  return { outcome: "revoked", status, attempts };
}

const REVOKED = { value: undefined };

/**
 * Decides whether Atlas has revoked the token. It documents 200 and an empty body, but gateways and portals respond with 200,
 * too: any other body counts if it is JSON without a failure, or if Atlas's own header shows who sent it.
 */
function readResponse(response: HttpResponse, envelope: boolean): Reading<undefined> {
  const { status, body, complete } = response;
  if (!isSuccess(status)) return { failure: fromResponse("revoke", response) };
  if (status !== 200 && status !== 204) return undocumented(response, "Atlas documents 200 for a revocation");
  // A 204 has no body; one that was sent all the same cannot be read.
  if ((complete || status === 204) && body.trim() === "") return REVOKED;

  const json = complete ? parseJson(body) : undefined;
  const inner = asObject(json)?.["status"];
  if (envelope && typeof inner === "number" && Number.isInteger(inner) && !isSuccess(inner)) {
    return { failure: fromResponse("revoke", response, inner) };
  }
  if (reportsFailure(json)) return undocumented(response, "the response reports a failure");
  if (typeof json === "object") return REVOKED;
  const isAtlas = serviceVersionOf(response) !== undefined;
  if (isAtlas && !envelope && !/"(?:error\w*|status)"\s*:/i.test(body)) return REVOKED;

  if (isHtml(response)) return undocumented(response, "expected an empty body, got an HTML page", !complete);
  if (envelope) return undocumented(response, "could not parse the response envelope", true);
  return !complete || /^\s*[{[]/.test(body)
    ? undocumented(response, "the response could not be read", true)
    : undocumented(response, "expected an empty body, got text that is not from Atlas's API");
}

/** @param retryable whether the response could not be read, so that another one may tell more: revoking twice does no harm */
function undocumented(response: HttpResponse, problem: string, retryable = false): { readonly failure: Failure } {
  const failure = fromResponse("revoke", response);
  const words = failure.description === undefined ? "" : `: ${failure.description}`;
  return { failure: { ...failure, description: problem + words, retryable } };
}

/** Whether JSON says anywhere that something failed: an error, a status that is no success, `"success": false`. */
function reportsFailure(json: unknown): boolean {
  const pending = [json];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (/^error/i.test(key) && !isEmpty(inner)) return true;
      if (/^status(?:_?code)?$/i.test(key) && isFailingStatus(inner)) return true;
      if (/^(?:ok|success)$/i.test(key) && inner === false) return true;
      pending.push(inner);
    }
  }
  return false;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
}

function isFailingStatus(status: unknown): boolean {
  if (typeof status === "string" && !/^\d+$/.test(status)) return !/^(?:ok|success|succeeded|revoked)$/i.test(status);
  return typeof status === "boolean" ? !status : typeof status !== "object" && !isSuccess(Number(status));
}

function isValidDate(value: unknown): boolean {
  return types.isDate(value) && !Number.isNaN(value.getTime());
}
