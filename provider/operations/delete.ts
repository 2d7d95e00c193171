import { CLOCK_SKEW } from "../oauth/expiry";
import { isAtlasOAuthError } from "../oauth/error";
import { redactor } from "../oauth/redact";
import { otherClientIdByEnvironment, candidateSecrets, type ResolvedValue } from "../config";
import { callOptions, type Context, type RunState } from "./context";
import { UserFacingError } from "./user-facing-error";
import { explainMissingSecret, explainRevoke, explainUnreadable, type TokenInfo } from "./explain";
import { readRecord, type Properties } from "./record";

/** Revokes the token, or says why not: it rejects as long as the token may be active. */
export async function remove(id: string, properties: Properties, context: Context): Promise<void> {
  const { sources, runState, now } = context;
  const record = readRecord(properties);
  const { name = "", clientId, clientSecret, baseUrl, accessToken, expiresAt } = record;
  if (expiresAt !== undefined && now() > expiresAt + CLOCK_SKEW) return;

  const subject = (): TokenInfo => ({ id, expiresAt, replacedBy: replacementOf(id, name, runState), now: now() });
  const fail = (why: string, message: string): UserFacingError =>
    new UserFacingError(`ServiceAccountToken ${id} was not revoked`, why, message);
  if (accessToken === undefined || clientId === undefined || baseUrl === undefined) {
    const missing = accessToken === undefined ? "accessToken" : clientId === undefined ? "clientId" : "baseUrl";
    throw fail("unreadable state", explainUnreadable(subject(), missing));
  }
  const secrets = likeliestFirst(candidateSecrets(clientId, clientSecret, sources), runState.accepted.get(clientId));
  if (secrets.length === 0) {
    const inUse = otherClientIdByEnvironment(clientId, sources);
    throw fail("no client secret", explainMissingSecret(subject(), clientId, inUse));
  }

  const client = context.client();
  const call = {
    baseUrl,
    clientId,
    token: accessToken,
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
  };
  for (const [index, { value }] of secrets.entries()) {
    try {
      await client.revoke({ ...call, ...callOptions(context), clientSecret: value });
      runState.accepted.set(clientId, value);
      return;
    } catch (error) {
      if (!isAtlasOAuthError(error)) throw error;
      // A secret that was rotated since the last `up`: another source may hold the new one.
      if (error.code === "invalid_client" && index < secrets.length - 1) continue;
      const tried = secrets.slice(0, index + 1).map(describeSource);
      const message = explainRevoke(subject(), error, {
        origin: baseUrl,
        clientId,
        source: tried.join(", then from "),
        sources,
      });
      throw fail(error.code, redactor(clientId, value, accessToken).redact(message));
    }
  }
}

/** The token that this run issued in its place: one of the same name alone could belong to another parent. */
function replacementOf(id: string, name: string, { issued, replaced }: RunState): string | undefined {
  return replaced.has(id) ? issued.get(name) : undefined;
}

function likeliestFirst(secrets: readonly ResolvedValue[], accepted: string | undefined): ResolvedValue[] {
  return [...secrets].sort((a, b) => Number(b.value === accepted) - Number(a.value === accepted));
}

/** A destroy sees inputs and configuration as they were; only the environment is today's. */
function describeSource({ source }: ResolvedValue): string {
  return !source.startsWith("the environment") ? `${source} (as of the last \`pulumi up\`)` : source;
}
