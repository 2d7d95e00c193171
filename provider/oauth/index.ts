import { issue, type IssuedToken, type IssueTokenOptions } from "./issue";
import { revoke, type RevokeResult, type RevokeTokenOptions } from "./revoke";
import { processSettings } from "./client-settings";

export type { CallOptions, WaitInfo } from "./call";
export type { Endpoint } from "./endpoint";
export { AtlasOAuthError, isAtlasOAuthError } from "./error";
export type {
  AbortedFailure,
  AnsweredFailure,
  AtlasOAuthFailure,
  FailureDetails,
  TransportCause,
  UnansweredFailure,
} from "./failure";
export type { AtlasOAuthErrorClass, AtlasOAuthErrorFields } from "./error";
export type { IssuedToken, IssueTokenOptions } from "./issue";
export type { KnownBy } from "./expiry";
export type { Wait } from "./retry";
export type { RevokeResult, RevokeTokenOptions } from "./revoke";

/**
 * Issues an access token for a service account: `POST /api/oauth/token` (RFC 6749 section 4.4).
 *
 * Tries again where it is certain that nothing was issued: on 429, 503 and before the request was started, for five
 * minutes (15 under the rate limit, 30 s where the name does not resolve or the connection is refused). A token that it
 * cannot hand out is revoked.
 *
 * @param options the service account and where Atlas is
 * @returns the token and its times
 * @throws {@link AtlasOAuthError} on every failure
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
export async function issueToken(options: IssueTokenOptions): Promise<IssuedToken> {
  const result = await issue(options, processSettings);
  if ("unrevoked" in result) throw result.error;
  return result;
}

/**
 * Revokes an access token: `POST /api/oauth/revoke` (RFC 7009). A token that is unknown, expired or revoked already is
 * a success.
 *
 * Tries again on 429, 5xx and wherever no answer came, for five minutes (15 under the rate limit, 30 s where the name
 * does not resolve or the connection is refused).
 *
 * @param options the token, its service account and where Atlas is
 * @returns whether Atlas confirmed the revocation or the token had expired
 * @throws {@link AtlasOAuthError} on every failure; the token is then still active, or unknown after `no_response`
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export function revokeToken(options: RevokeTokenOptions): Promise<RevokeResult> {
  return revoke(options, processSettings);
}
