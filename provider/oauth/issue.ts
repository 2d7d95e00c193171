import { parseAccessToken } from "./input/credentials";
import { Call, type CallOptions, type Reading } from "./call";
import { fromResponse } from "./failure/classify";
import type { ClientSettings } from "./client-settings";
import { isAtlasOAuthError, type AtlasOAuthError } from "./failure/error";
import { header, isSuccess, type HttpResponse } from "./http/response";
import { DOCUMENTED_LIFETIME_MS, readLifetime, validTime } from "./input/lifetime";
import { parseHttpDate } from "./http/date";
import { jsonObject } from "./lib/json";
import { onAbort } from "./lib/on-abort";
import { revoke } from "./revoke";

/** Options of `issueToken`. */
export type IssueTokenOptions = CallOptions;

/** A token as Atlas issued it. */
export interface IssuedToken {
  /** The token itself: a secret. */
  readonly accessToken: string;
  /** How the token is used: `Authorization: Bearer` (RFC 6750). */
  readonly tokenType: "Bearer";
  /** When Atlas issued the token: the JWT's `iat`, or else the response's `Date`, or else this machine's time. */
  readonly issuedAt: Date;
  /** The later of `issuedAt` plus `expires_in` and the JWT's `exp`; an hour after `issuedAt` if there is neither. */
  readonly expiresAt: Date;
}

/** A token that was issued, cannot be used and could not be revoked either: it must not be lost. */
export interface UnrevokedToken {
  readonly unrevoked: IssuedToken;
  readonly error: AtlasOAuthError;
}

/** The fields of a response with a token (RFC 6749 section 5.1). */
interface TokenResponse {
  readonly accessToken: string;
  readonly type: string;
  /** In seconds; NaN if it makes no sense. */
  readonly expiresIn: number;
}

interface ReceivedToken {
  readonly token: IssuedToken;
  readonly type: string;
}

/**
 * Issues a token; one that cannot be used is revoked, or returned as unrevoked if that fails too.
 *
 * @param giveUp ends the wait for that revocation, for a caller that revokes the token itself
 */
export async function issue(
  options: IssueTokenOptions,
  settings: ClientSettings,
  giveUp?: AbortSignal,
): Promise<IssuedToken | UnrevokedToken> {
  const call = new Call("issue", options, settings);
  const { value, status, attempts, serviceVersion } = await call.execute({
    form: { grant_type: "client_credentials" },
    read: (response) => readToken(response, settings.clock.now()),
  });
  const { token, type } = value;
  call.report("issued", token.accessToken, { status, attempts, serviceVersion });
  if (type.toLowerCase() === "bearer") return token;

  const revoked = await revokeUnusable(token, options, settings, giveUp);
  // Described only after the revocation, which comes first: a hostile value could make sanitizing fail.
  const got = call.sanitize(type, token.accessToken) ?? "another type";
  const end =
    revoked === true ? "the token was revoked" : `revoking the token failed (${revoked}), so it may still be active`;
  const error = call.reportFailure(
    {
      code: "unexpected_response",
      status,
      retryable: false,
      description: `expected token_type Bearer, got ${got}; ${end}`,
      mayHaveIssued: revoked !== true,
    },
    attempts,
  );
  if (revoked === true) throw error;
  return { unrevoked: token, error };
}

function readToken(response: HttpResponse, now: number): Reading<ReceivedToken> {
  if (!isSuccess(response.status)) return { failure: fromResponse("issue", response) };
  // A body that was truncated after the JSON counts, too: the token that it holds is issued, and nobody else has it.
  const read = readFields(response.body);
  if (read === undefined) {
    const problem = response.complete ? "contains no valid access_token" : "was truncated";
    return { failure: { ...fromResponse("issue", response), description: `the response ${problem}` } };
  }
  const { accessToken, type } = read;
  return { value: { token: { accessToken, tokenType: "Bearer", ...timesOf(read, response, now) }, type } };
}

/** A token of other characters than RFC 6750 allows could be neither used nor revoked. */
function readFields(body: string): TokenResponse | undefined {
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = jsonObject(body) ?? {};
  const parsed = parseAccessToken(accessToken);
  if (!("value" in parsed) || parsed.value !== accessToken) return undefined;
  return {
    accessToken: parsed.value,
    type: typeof type === "string" ? type : "none",
    expiresIn: typeof expiresIn === "number" && expiresIn > 0 ? expiresIn : NaN,
  };
}

/**
 * The JWT's own times come from one clock of Atlas; the `Date` of the response is whatever a server or proxy writes. It counts
 * if the JWT does not say when it was issued, unless the token would have been issued after its expiry.
 */
function timesOf(
  { accessToken, expiresIn }: TokenResponse,
  response: HttpResponse,
  now: number,
): Pick<IssuedToken, "issuedAt" | "expiresAt"> {
  const jwt = readLifetime(accessToken);
  const date = parseHttpDate(header(response, "date")) ?? NaN;
  const issuedAt =
    [jwt.issuedAt, date, now].find((time) => isPossible(time, jwt.expiresAt)) ??
    (jwt.expiresAt ?? now) - DOCUMENTED_LIFETIME_MS;
  const byExpiresIn = validTime(issuedAt + expiresIn * 1000);
  const expiresAt = Math.max(byExpiresIn ?? jwt.expiresAt ?? issuedAt + DOCUMENTED_LIFETIME_MS, jwt.expiresAt ?? 0);
  return { issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
}

function isPossible(issuedAt = NaN, expiresAt = Infinity): boolean {
  return issuedAt < expiresAt && validTime(issuedAt + DOCUMENTED_LIFETIME_MS) !== undefined;
}

/** Revokes a token that cannot be used; resolves to `true`, or to the reason that it is still active. */
async function revokeUnusable(
  { accessToken }: IssuedToken,
  options: IssueTokenOptions,
  settings: ClientSettings,
  giveUp: AbortSignal | undefined,
): Promise<true | string> {
  // Without the caller's signals: whoever ends the call still wants no token left behind.
  const { signal, waitSignal, ...others } = options;
  let cancel = (): void => undefined;
  try {
    // Without the expiry: Atlas issued the token just now, even if this machine's clock says that it has expired.
    const revoked = revoke({ ...others, token: accessToken }, settings).then(() => true as const);
    const ended = new Promise<string>((resolve) => (cancel = onAbort(giveUp, () => resolve("aborted"))));
    return await Promise.race([revoked, ended]);
  } catch (error) {
    // A bug is reported like a failure: throwing it would lose the token.
    return isAtlasOAuthError(error) ? error.code : "internal error";
  } finally {
    cancel();
  }
}
