import { randomBytes } from "node:crypto";

import { parseAccessToken } from "../oauth/input/credentials";
import { isAtlasOAuthError } from "../oauth/failure/error";
import { printable } from "../oauth/failure/printable";
import type { IssuedToken, UnrevokedToken } from "../oauth/issue";
import { readLifetime } from "../oauth/input/lifetime";
import { candidateSecrets, type ResolvedValue } from "../config";
import { callOptions, recordEvent, type Context } from "./context";
import {
  explainIssue,
  explainRepeatedCreate,
  explainUnrevoked,
  setMissingSecret,
  subjectOfResource,
  type IssueSubject,
} from "./messages";
import { outputs, readRecord, type Properties } from "./record";
import { adoptionProblem } from "./renewal";
import { UserFacingError } from "./user-facing-error";

export interface CreateResult {
  readonly id: string;
  readonly outs: Properties;
}

/** Issues a token, or adopts one. Whatever fails after a token was issued, it is revoked or stored in the state. */
export async function create(inputs: Properties, context: Context): Promise<CreateResult> {
  const { name = "token", existingToken } = readRecord(inputs);
  const id = makeId(name);
  const outs =
    existingToken === undefined
      ? await issue(id, name, inputs, context)
      : adopt(id, name, inputs, existingToken, context);
  context.runState.markIssued(name, id);
  return { id, outs };
}

/** An ID that names the resource and is different for each of its tokens. */
export function makeId(name: string): string {
  return `${printable(name)}-${randomBytes(4).toString("hex")}`;
}

function adopt(id: string, name: string, inputs: Properties, existingToken: string, context: Context): Properties {
  const parsed = parseAccessToken(existingToken);
  if ("problem" in parsed) throw notCreated(name, `existingToken ${parsed.problem}`);
  const revoked = "was revoked in this run; pass another token";
  const problem = context.runState.wasRevoked(parsed.value) ? revoked : adoptionProblem(parsed.value, context.now());
  if (problem !== undefined) throw notCreated(name, `existingToken ${problem}`);
  const outs = outputs(inputs, parsed.value, readLifetime(parsed.value));
  context.runState.hold(id, readRecord(outs));
  recordEvent(context, { event: "adopted", resourceId: id }, readRecord(outs));
  return outs;
}

async function issue(id: string, name: string, inputs: Properties, context: Context): Promise<Properties> {
  const { result, clientSecret } = await requestToken(id, subjectOfResource(name), inputs, context);
  if ("unrevoked" in result)
    throw initFailure(id, inputs, result.unrevoked, result.error.description ?? result.error.code);

  try {
    const { accessToken, issuedAt, expiresAt } = result;
    return outputs(inputs, accessToken, { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime() });
  } catch (problem) {
    // Without the signal: whoever ends the waits does not want a token to be left either.
    const { clientId = "", baseUrl = "" } = readRecord(inputs);
    const account = { clientId, clientSecret: clientSecret.value, baseUrl };
    const options = { ...callOptions(id, context), ...account, waitSignal: undefined, token: result.accessToken };
    await context
      .client()
      .revoke(options)
      .catch(() => {
        throw initFailure(id, inputs, result, "its outputs could not be recorded, and revoking it failed");
      });
    throw problem;
  }
}

/** Issues a token with the likeliest client secret of its service account, or says why not. */
export async function requestToken(
  id: string,
  subject: IssueSubject,
  inputs: Properties,
  context: Context,
): Promise<{ readonly result: IssuedToken | UnrevokedToken; readonly clientSecret: ResolvedValue }> {
  const { clientId = "", baseUrl = "", clientSecret: argument } = readRecord(inputs);
  const { sources, runState } = context;
  const clientSecret = candidateSecrets(clientId, argument, sources)[0];
  if (clientSecret === undefined) {
    recordEvent(context, { event: "issue_failed", resourceId: id }, readRecord(inputs));
    throw notIssued(subject, setMissingSecret(clientId, sources));
  }

  const key = JSON.stringify([subject.notIssued, clientId, baseUrl]);
  const neverReceived = runState.neverReceived.get(key) ?? 0;
  if (neverReceived > 0) context.print(explainRepeatedCreate(subject, neverReceived));
  const options = { ...callOptions(id, context), baseUrl, clientId, clientSecret: clientSecret.value };
  const result = await context
    .client()
    .issue(options)
    .catch((error: unknown) => {
      if (!isAtlasOAuthError(error)) throw error;
      const lost = neverReceived + Number(error.mayHaveIssued);
      runState.neverReceived.set(key, lost);
      const { attempts, elapsedMs } = error;
      const request = { source: clientSecret.source, sources, attempts, elapsedMs };
      throw notIssued(subject, error.code, explainIssue(subject, error, request, lost));
    });
  runState.secrets.noteAccepted({ clientId, baseUrl }, clientSecret.value);
  return { result, clientSecret };
}

function notCreated(name: string, why: string): UserFacingError {
  return notIssued(subjectOfResource(name), why);
}

function notIssued({ notIssued: what }: IssueSubject, why: string, message = `${what}: ${why}`): UserFacingError {
  return new UserFacingError(what, why, message);
}

/** The error by which an unusable token is stored in the state instead of being lost. */
function initFailure(id: string, inputs: Properties, token: IssuedToken, why: string): UserFacingError {
  const expiresAt = token.expiresAt.getTime();
  const times = Number.isNaN(expiresAt) ? {} : { expiresAt };
  const properties = { ...outputs(inputs, token.accessToken, times), incomplete: true };
  const what = `ServiceAccountToken ${id} was issued but cannot be used`;
  return new UserFacingError(what, "it is stored in the state", explainUnrevoked(id, why), { id, properties });
}
