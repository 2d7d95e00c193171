import { requireNode } from "./failure/node-version";
import { processSettings } from "./client-settings";
import { issue, type IssuedToken, type IssueTokenOptions } from "./issue";
import { revoke, type RevokeResult, type RevokeTokenOptions } from "./revoke";

export type { CallOptions, WaitInfo } from "./call";
export type { Endpoint } from "./http/endpoint";
export { AtlasOAuthError, isAtlasOAuthError } from "./failure/error";
export type { AtlasOAuthErrorClass, AtlasOAuthErrorFields } from "./failure/error";
export type { TokenEvent } from "./events";
export type { KnownBy } from "./queue/expiry";
export type {
  AbortedFailure,
  FailureWithStatus,
  AtlasOAuthFailure,
  FailureDetails,
  TransportCause,
  FailureWithoutStatus,
} from "./failure/failure";
export type { IssuedToken, IssueTokenOptions } from "./issue";
export type { RateLimit } from "./failure/rate-limit";
export type { Wait } from "./queue/retry";
export type { AlreadyExpired, Revoked, RevokeResult, RevokeTokenOptions } from "./revoke";

requireNode();

/**
 * Issues an access token for a service account: `POST /api/oauth/token` (RFC 6749 section 4.4).
 *
 * It retries only if it is certain that nothing was issued: on 429, on 503 and if the request was not started. It
 * retries for five minutes, for 15 minutes under the rate limit, and for 30 seconds if the host name does not resolve or
 * the connection is refused. It revokes a token that it cannot return.
 *
 * @param options the service account and the origin of Atlas
 * @returns the token, when it was issued and when it expires
 * @throws {@link AtlasOAuthError} on every failure
 * @example
 * const { accessToken, expiresAt } = await issueToken({
 *   baseUrl: "https://cloud.mongodb.com",
 *   clientId: process.env.MONGODB_ATLAS_CLIENT_ID!,
 *   clientSecret: process.env.MONGODB_ATLAS_CLIENT_SECRET!,
 * });
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
export async function issueToken(options: IssueTokenOptions): Promise<IssuedToken> {
  const result = await issue(options, processSettings);
  if ("unrevoked" in result) throw result.error;
  return result;
}

/**
 * Revokes an access token: `POST /api/oauth/revoke` (RFC 7009). It succeeds also if Atlas does not know the token, or if
 * the token has expired or was revoked before.
 *
 * It retries on 408, 425, 429, 5xx and if no response was received, for as long as `issueToken` does.
 *
 * @param options the token, its service account and the origin of Atlas
 * @returns whether Atlas confirmed the revocation or the token had expired
 * @throws {@link AtlasOAuthError} on every failure; the token may be revoked after `no_response`, after `aborted` with `sent`, and after a 2xx
 * or a 5xx other than 503; otherwise it is still active
 * @example
 * await revokeToken({
 *   baseUrl: "https://cloud.mongodb.com",
 *   clientId: process.env.MONGODB_ATLAS_CLIENT_ID!,
 *   clientSecret: process.env.MONGODB_ATLAS_CLIENT_SECRET!,
 *   token: accessToken,
 *   expiresAt,
 * });
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export function revokeToken(options: RevokeTokenOptions): Promise<RevokeResult> {
  return revoke(options, processSettings);
}
