import { randomBytes } from "node:crypto";

import { isAtlasOAuthError } from "../oauth/error";
import type { IssuedToken } from "../oauth/issue";
import { readLifetime } from "../oauth/jwt";
import { redactor } from "../oauth/redact";
import { candidateSecrets } from "../config";
import { expiredProblem } from "./adopted";
import { callOptions, type Context } from "./context";
import { UserFacingError } from "./user-facing-error";
import { explainIssue, explainKept } from "./explain";
import { formatTime, readRecord, type Properties } from "./record";

export interface CreateResult {
  readonly id: string;
  readonly outs: Properties;
}

/** Issues a token, or adopts one; whatever fails once it exists, it is revoked or ends up in the state. */
export async function create(inputs: Properties, context: Context): Promise<CreateResult> {
  const { name = "token", existingToken } = readRecord(inputs);
  const id = `${name}-${randomBytes(4).toString("hex")}`;
  const outs =
    existingToken === undefined
      ? await issue(id, name, inputs, context)
      : adopt(name, inputs, existingToken, context.now());
  context.runState.issued.set(name, id);
  return { id, outs };
}

function adopt(name: string, inputs: Properties, token: string, now: number): Properties {
  const problem = expiredProblem(token, now);
  if (problem !== undefined) throw notIssued(name, `existingToken ${problem}`);
  return outputs(inputs, token, readLifetime(token));
}

async function issue(id: string, name: string, inputs: Properties, context: Context): Promise<Properties> {
  const { clientId = "", baseUrl = "", ...record } = readRecord(inputs);
  const secret = candidateSecrets(clientId, record.clientSecret, context.sources)[0];
  if (secret === undefined) throw notIssued(name, `no secret is at hand for client id ${clientId}`);

  const credentials = { baseUrl, clientId, clientSecret: secret.value };
  const client = context.client();
  const result = await client.issue({ ...credentials, ...callOptions(context) }).catch((error: unknown) => {
    if (!isAtlasOAuthError(error)) throw error;
    const message = explainIssue(name, error, {
      origin: baseUrl,
      clientId,
      source: secret.source,
      sources: context.sources,
    });
    throw notIssued(name, error.code, redactor(clientId, secret.value).redact(message));
  });
  if ("unrevoked" in result) throw keep(id, inputs, result.unrevoked, result.error.description ?? result.error.code);

  try {
    const { accessToken, issuedAt, expiresAt } = result;
    return outputs(inputs, accessToken, { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime() });
  } catch (problem) {
    await client.revoke({ ...credentials, token: result.accessToken }).catch(() => {
      throw keep(id, inputs, result, "what came of it could not be written down, nor could it be revoked");
    });
    throw problem;
  }
}

function notIssued(name: string, why: string, message?: string): UserFacingError {
  const what = `ServiceAccountToken "${name}": no token was issued`;
  return new UserFacingError(what, why, message ?? `${what}: ${why}`);
}

/** The error by which the state comes to hold a token that is of no use, rather than nobody. */
function keep(id: string, inputs: Properties, token: IssuedToken, why: string): UserFacingError {
  const expiresAt = token.expiresAt.getTime();
  const times = Number.isNaN(expiresAt) ? {} : { expiresAt };
  const properties = { ...outputs(inputs, token.accessToken, times), incomplete: true };
  const what = `ServiceAccountToken ${id} was issued but cannot be used`;
  return new UserFacingError(what, "it is kept in the state", explainKept(id, why), { id, properties });
}

/** What the state holds; a key without a value is left out, since an undefined one fails after the token was issued. */
export function outputs(
  inputs: Properties,
  accessToken: string,
  times: { issuedAt?: number; expiresAt?: number },
): Properties {
  const { issuedAt, expiresAt } = times;
  return {
    ...Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)),
    accessToken,
    tokenType: "Bearer",
    ...(issuedAt === undefined ? {} : { issuedAt: formatTime(issuedAt) }),
    ...(expiresAt === undefined ? {} : { expiresAt: formatTime(expiresAt) }),
  };
}
