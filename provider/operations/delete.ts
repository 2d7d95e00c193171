import type { RevokeResult } from "../oauth/revoke";
import { isAtlasOAuthError } from "../oauth/failure/error";
import { mayHaveProcessed } from "../oauth/failure/failure";
import { expiryStatus } from "../oauth/input/lifetime";
import { otherClientIdFromEnvironment, secretProblem, type ResolvedValue } from "../config";
import { callOptions, recordEvent, type Context } from "./context";
import {
  explainExpired,
  explainHeld,
  explainMissingSecret,
  explainRevoke,
  explainUnreadable,
  isAboutCredentials,
  missingFromState,
  missingSecret,
  type TokenInfo,
} from "./messages";
import { readRecord, type Properties, type TokenRecord } from "./record";
import { secretsFor } from "./secrets";
import { UserFacingError } from "./user-facing-error";

/** Revokes the token, or says why not: it rejects as long as the token may be active. */
export async function remove(id: string, properties: Properties, context: Context): Promise<void> {
  const { sources, runState, now } = context;
  const record = readRecord(properties);
  const { name = "", clientId, baseUrl, accessToken, expiresAt } = record;
  const token = (): TokenInfo => ({ id, expiresAt, replacedBy: runState.replacementOf(id, name), now: now() });
  const notRevoked = (why: string, message: string): UserFacingError =>
    new UserFacingError(`ServiceAccountToken ${id} was not revoked`, why, message);

  const holder = runState.release(id, record);
  if (accessToken === undefined || clientId === undefined || baseUrl === undefined) {
    const missing = accessToken === undefined ? "accessToken" : clientId === undefined ? "clientId" : "baseUrl";
    if (reportIfExpired(token(), record, missingFromState(missing), context)) return;
    recordEvent(context, { event: "revoke_failed", resourceId: id }, record);
    throw notRevoked("unreadable state", explainUnreadable(token(), missing));
  }
  if (holder !== undefined) {
    context.print(explainHeld(id, holder));
    return;
  }
  const secrets = secretsFor(record, runState.secrets, sources);
  if (secrets.length === 0) {
    if (reportIfExpired(token(), record, missingSecret(clientId), context)) return;
    recordEvent(context, { event: "revoke_failed", resourceId: id }, record);
    const inUse = otherClientIdFromEnvironment(clientId, sources);
    const problem = secretProblem(clientId, sources);
    throw notRevoked("no client secret", explainMissingSecret(token(), clientId, { inUse, problem }));
  }

  const options = {
    ...callOptions(id, context),
    baseUrl,
    clientId,
    token: accessToken,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
  };
  let attempts = 0;
  let elapsedMs = 0;
  for (const [index, { value }] of secrets.entries()) {
    try {
      runState.markRevoked(accessToken, true);
      const otherSecrets = secrets.map((secret) => secret.value).filter((secret) => secret !== value);
      const result = await context.client().revoke({ ...options, clientSecret: value }, { otherSecrets });
      if (result.outcome === "expired") context.print(explainExpired(token(), result));
      else runState.secrets.noteAccepted(record, value);
      return;
    } catch (error) {
      if (!isAtlasOAuthError(error)) throw error;
      runState.markRevoked(accessToken, mayHaveProcessed(error));
      // No request is possible with what the state contains, which must not keep an expired token from being deleted.
      if (
        error.code === "invalid_argument" &&
        reportIfExpired(token(), record, error.description ?? error.code, context)
      )
        return;
      attempts += error.attempts;
      elapsedMs += error.elapsedMs;
      // The secret may have been rotated since the last `up`: another source may have the new one.
      if (isAboutCredentials(error) && index < secrets.length - 1) continue;
      const source = secrets
        .slice(0, index + 1)
        .map(describeSource)
        .join(", then from ");
      throw notRevoked(error.code, explainRevoke(token(), error, { source, sources, attempts, elapsedMs }));
    }
  }
}

/** For a token that no request can be sent for: if it has expired, prints and records that, and returns true. */
function reportIfExpired(token: TokenInfo, record: TokenRecord, unsent: string, context: Context): boolean {
  const { expiresAt, now } = token;
  if (expiresAt === undefined || expiryStatus(expiresAt, now, undefined) === "active") return false;
  // The clock of the token's host counts if a response of this process has told it; otherwise this machine's decides alone.
  const status = expiryStatus(expiresAt, now, context.client().atlasNow(record.baseUrl ?? ""));
  if (status === "active") return false;
  const result: RevokeResult & { readonly outcome: "expired" } = {
    outcome: "expired",
    knownBy: status === "expired" ? "both-clocks" : "local-clock",
    attempts: 0,
  };
  context.print(explainExpired(token, result, unsent));
  recordEvent(context, { event: "expired", resourceId: token.id }, record);
  return true;
}

/** A destroy sees arguments and configuration as of the last `up`; only the environment is current. */
function describeSource({ source }: ResolvedValue): string {
  if (source.startsWith("the environment") || source.endsWith("of this run")) return source;
  return `${source} (as of the last \`pulumi up\`)`;
}
