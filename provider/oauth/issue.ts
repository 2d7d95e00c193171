import { z } from "zod";

import { parseAccessToken } from "./access-token";
import { header, jsonObject, type HttpResponse } from "./http-response";
import { execute, prepareCall, type Call, type CallOptions } from "./call";
import { isAtlasOAuthError, type AtlasOAuthError } from "./error";
import { fromResponse } from "./classify";
import { readLifetime, validTime } from "./jwt";
import { redactor } from "./redact";
import { parseHttpDate } from "./retry-after";
import type { Attempt } from "./retry";
import { revoke } from "./revoke";
import type { ClientSettings } from "./client-settings";

/** Options of `issueToken`. */
export type IssueTokenOptions = CallOptions;

/** A token as Atlas issued it. */
export interface IssuedToken {
  /** The token itself: a secret. */
  readonly accessToken: string;
  /** How it is used: `Authorization: Bearer` (RFC 6750). */
  readonly tokenType: "Bearer";
  /** The server's time of issue: the response's `Date`, or this machine's clock if there is none. */
  readonly issuedAt: Date;
  /** The later of `issuedAt` plus `expires_in` and the JWT's `exp`; an hour after `issuedAt` where there is neither. */
  readonly expiresAt: Date;
}

/** A token that was issued, cannot be handed out and could not be revoked either: it must not be lost. */
export interface UnrevokedToken {
  readonly unrevoked: IssuedToken;
  readonly error: AtlasOAuthError;
}

/** What Atlas documents for the life of a token, in milliseconds. */
const DOCUMENTED_LIFE = 3600_000;

const TokenAnswer = z.object({
  // A token of other characters could be neither used nor revoked.
  access_token: z.string().refine((token) => "token" in parseAccessToken(token) && token === token.trim()),
  token_type: z.string().optional().catch(undefined),
  expires_in: z.number().positive().optional().catch(undefined),
});
type TokenAnswer = z.infer<typeof TokenAnswer>;

/** Issues a token; one that cannot be handed out is revoked, or returned as unrevoked if that fails too. */
export async function issue(
  options: IssueTokenOptions,
  settings: ClientSettings,
): Promise<IssuedToken | UnrevokedToken> {
  const call = prepareCall("issue", options, undefined, () => ({ grant_type: "client_credentials" }), settings);
  const outcome = await execute(call, options, settings, (answer) => readAnswer(answer, settings.clock.now()));
  if ("expired" in outcome) throw new Error("an issue has no deadline");
  const { value: grant, attempts } = outcome;
  return grant.type.toLowerCase() === "bearer" ? grant.token : revokeUnusable(grant, attempts, call, options, settings);
}

interface Grant {
  readonly token: IssuedToken;
  readonly status: number;
  readonly type: string;
}

function readAnswer(answer: HttpResponse, now: number): Attempt<Grant> {
  const { status } = answer;
  if (status < 200 || status > 299) return { failure: fromResponse("issue", answer) };
  // Also where the connection broke after the JSON: the token that it holds is issued, and held by nobody else.
  const read = TokenAnswer.safeParse(jsonObject(answer.body));
  if (!read.success) {
    const problem = answer.complete ? "the answer holds no usable access_token" : "the answer broke off";
    return { failure: { ...fromResponse("issue", answer), description: problem } };
  }
  const { access_token: accessToken, token_type: type = "none" } = read.data;
  return { value: { token: { accessToken, tokenType: "Bearer", ...timesOf(read.data, answer, now) }, status, type } };
}

function timesOf(token: TokenAnswer, answer: HttpResponse, now: number): Pick<IssuedToken, "issuedAt" | "expiresAt"> {
  const date = parseHttpDate(header(answer, "date")) ?? NaN;
  const issuedAt = validTime(date + DOCUMENTED_LIFE) === undefined ? now : date;
  const claimed = readLifetime(token.access_token).expiresAt;
  const told = validTime(issuedAt + (token.expires_in ?? NaN) * 1000);
  const expiresAt = Math.max(told ?? claimed ?? issuedAt + DOCUMENTED_LIFE, claimed ?? 0);
  return { issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
}

async function revokeUnusable(
  { token, status, type }: Grant,
  attempts: number,
  call: Call,
  options: IssueTokenOptions,
  settings: ClientSettings,
): Promise<UnrevokedToken> {
  const { accessToken } = token;
  // Without the caller's signal: whoever ends the call still wants no token left behind.
  const { signal, ...rest } = options;
  // Put into words only once the token is seen to: what the server says may be made to break that.
  const error = (end: string, mayHaveIssued: boolean): AtlasOAuthError => {
    const told = redactor(options.clientId, options.clientSecret, accessToken).sanitize(type) ?? "another";
    const description = `its token_type is ${told}, not Bearer; ${end}`;
    return call.error({ code: "unexpected_response", status, retryable: false, description, mayHaveIssued }, attempts);
  };
  try {
    // Without its expiry: it was issued just now, though this machine's clock may say that it has expired.
    await revoke({ ...rest, token: accessToken }, settings);
  } catch (reason) {
    // A bug is told like a failure: thrown, it would take the token with it.
    const code = isAtlasOAuthError(reason) ? reason.code : "internal error";
    return { unrevoked: token, error: error(`it could not be revoked (${code}) and is active`, true) };
  }
  throw error("it was revoked", false);
}
