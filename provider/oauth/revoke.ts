import { types } from "node:util";

import { Call, unchecked, type CallOptions, type Reading } from "./call";
import { fromResponse } from "./failure/classify";
import type { ClientSettings } from "./client-settings";
import { TokenExpiry, type KnownBy } from "./queue/expiry";
import type { Failure } from "./failure/failure";
import { jsonObject } from "./lib/json";
import { isHtml, isSuccess, type HttpResponse } from "./http/response";

/** Options of `revokeToken`. */
export interface RevokeTokenOptions extends CallOptions {
  /**
   * The access token to revoke. White space around it is removed; anything but a `b64token` of RFC 6750 is refused.
   *
   * @default none: required
   */
  readonly token: string;
  /**
   * When the token expires. Five minutes later, on this machine's clock and on Atlas's, the call succeeds without a request. If Atlas's clock is not known yet, or Atlas cannot be reached, at most one attempt is made.
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
  /** The HTTP status, a 2xx. */
  readonly status: number;
  /** How many requests this call made. */
  readonly attempts: number;
}

/** The token had expired, so that Atlas did not have to confirm anything. */
export interface AlreadyExpired {
  /** Tells the results apart. */
  readonly outcome: "expired";
  /** Whose clocks say so: only this machine's if Atlas could not be reached. */
  readonly knownBy: KnownBy;
  /** How many requests this call made, none of which succeeded. */
  readonly attempts: number;
}

/** How a revocation succeeded. */
export type RevokeResult = Revoked | AlreadyExpired;

/** Revokes a token (RFC 7009); resolves once Atlas has confirmed it, or once the token has expired beyond doubt. */
export async function revoke(options: RevokeTokenOptions, settings: ClientSettings): Promise<RevokeResult> {
  const call = new Call("revoke", options, settings);
  const { expiresAt } = unchecked(options);
  call.requireArgument(expiresAt === undefined || isValidDate(expiresAt), "expiresAt must be a valid Date");
  const expiry = options.expiresAt && new TokenExpiry(options.expiresAt.getTime(), call.origin, settings);
  const { pretty = false, envelope = false } = options;
  const result = await call.execute(
    {
      form: { token: call.token, token_type_hint: "access_token" },
      query: { ...(pretty ? { pretty: "true" } : {}), ...(envelope ? { envelope: "true" } : {}) },
      read: envelope ? readEnveloped : readPlain,
    },
    expiry,
  );
  const { attempts } = result;
  if ("expired" in result) {
    call.report("expired", call.token, { attempts });
    return { outcome: "expired", knownBy: expiry?.knownBy ?? "local-clock", attempts };
  }
  const { status, serviceVersion } = result;
  call.report("revoked", call.token, { status, attempts, serviceVersion });
  return { outcome: "revoked", status, attempts };
}

const REVOKED = { value: undefined };

/** Any 2xx means revoked, whatever its body holds, unless it is a web page: a captive portal may have sent that. */
function readPlain(response: HttpResponse): Reading<undefined> {
  if (!isSuccess(response.status)) return { failure: fromResponse("revoke", response) };
  return isHtml(response) ? { failure: undocumented(response, "expected an empty body, got an HTML page") } : REVOKED;
}

/** Under `envelope` the HTTP status may be 200 while the body's says failure. */
function readEnveloped(response: HttpResponse): Reading<undefined> {
  const { status, body, complete } = response;
  if (!isSuccess(status) || isHtml(response) || (complete && body === "")) return readPlain(response);
  const inner = jsonObject(body)?.["status"];
  if (complete && typeof inner === "number") {
    return isSuccess(inner) ? REVOKED : { failure: fromResponse("revoke", response, inner) };
  }
  if (complete && isJson(body)) return REVOKED;
  const problem = "could not parse the response envelope";
  // Revoking twice does no harm.
  return { failure: { ...undocumented(response, problem), retryable: true } };
}

function undocumented(response: HttpResponse, description: string): Failure {
  return { ...fromResponse("revoke", response), description };
}

function isValidDate(value: unknown): boolean {
  return types.isDate(value) && !Number.isNaN(value.getTime());
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
