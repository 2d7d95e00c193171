import { z } from "zod";

import { parseAccessToken } from "./input/credentials";
import { Call, type CallOptions, type Reading } from "./call";
import { fromResponse } from "./failure/classify";
import type { ClientSettings } from "./client-settings";
import { isAtlasOAuthError, type AtlasOAuthError } from "./failure/error";
import { header, isSuccess, type HttpResponse } from "./http/response";
import { DOCUMENTED_LIFETIME_MS, readLifetime, validTime } from "./input/lifetime";
import { parseHttpDate } from "./http/date";
import { jsonObject } from "./lib/json";
import { revoke } from "./revoke";

/** Options of `issueToken`. */
export type IssueTokenOptions = CallOptions;

/** A token as Atlas issued it. */
export interface IssuedToken {
  /** The token itself: a secret. */
  readonly accessToken: string;
  /** How the token is used: `Authorization: Bearer` (RFC 6750). */
  readonly tokenType: "Bearer";
  /** When Atlas issued the token: the response's `Date`, or this machine's time if there is none. */
  readonly issuedAt: Date;
  /** The later of `issuedAt` plus `expires_in` and the JWT's `exp`; an hour after `issuedAt` if there is neither. */
  readonly expiresAt: Date;
}

/** A token that was issued, cannot be used and could not be revoked either: it must not be lost. */
export interface UnrevokedToken {
  readonly unrevoked: IssuedToken;
  readonly error: AtlasOAuthError;
}

const TokenResponse = z.object({
  // A token of other characters could be neither used nor revoked.
  access_token: z.string().refine((token) => token === token.trim() && "token" in parseAccessToken(token)),
  token_type: z.string().optional().catch(undefined),
  expires_in: z.number().positive().optional().catch(undefined),
});
type TokenResponse = z.infer<typeof TokenResponse>;

interface ReceivedToken {
  readonly token: IssuedToken;
  readonly type: string;
}

/** Issues a token; one that cannot be used is revoked, or returned as unrevoked if that fails too. */
export async function issue(
  options: IssueTokenOptions,
  settings: ClientSettings,
): Promise<IssuedToken | UnrevokedToken> {
  const call = new Call("issue", options, settings);
  const { value, status, attempts, serviceVersion } = await call.execute({
    form: { grant_type: "client_credentials" },
    read: (response) => readToken(response, settings.clock.now()),
  });
  const { token, type } = value;
  call.report("issued", token.accessToken, { status, attempts, serviceVersion });
  if (type.toLowerCase() === "bearer") return token;

  const revoked = await revokeUnusable(token, options, settings);
  // Described only after the revocation, which comes first: a hostile value could make sanitizing fail.
  const got = call.sanitize(type, token.accessToken) ?? "another type";
  const end =
    revoked === true ? "the token was revoked" : `revoking the token failed (${revoked}), so it may still be active`;
  const error = call.fail(
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
  const read = TokenResponse.safeParse(jsonObject(response.body));
  if (!read.success) {
    const problem = response.complete ? "contains no valid access_token" : "was truncated";
    return { failure: { ...fromResponse("issue", response), description: `the response ${problem}` } };
  }
  const { access_token: accessToken, token_type: type = "none" } = read.data;
  return { value: { token: { accessToken, tokenType: "Bearer", ...timesOf(read.data, response, now) }, type } };
}

function timesOf(
  token: TokenResponse,
  response: HttpResponse,
  now: number,
): Pick<IssuedToken, "issuedAt" | "expiresAt"> {
  const date = parseHttpDate(header(response, "date")) ?? NaN;
  const issuedAt = validTime(date + DOCUMENTED_LIFETIME_MS) === undefined ? now : date;
  const byJwt = readLifetime(token.access_token).expiresAt;
  const byExpiresIn = validTime(issuedAt + (token.expires_in ?? NaN) * 1000);
  const expiresAt = Math.max(byExpiresIn ?? byJwt ?? issuedAt + DOCUMENTED_LIFETIME_MS, byJwt ?? 0);
  return { issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
}

/** Revokes a token that cannot be used; resolves to `true`, or to the reason that it is still active. */
async function revokeUnusable(
  { accessToken }: IssuedToken,
  options: IssueTokenOptions,
  settings: ClientSettings,
): Promise<true | string> {
  // Without the caller's signals: whoever ends the call still wants no token left behind.
  const { signal, waitSignal, ...others } = options;
  try {
    // Without the expiry: Atlas issued the token just now, even if this machine's clock says that it has expired.
    await revoke({ ...others, token: accessToken }, settings);
    return true;
  } catch (error) {
    // A bug is reported like a failure: throwing it would lose the token.
    return isAtlasOAuthError(error) ? error.code : "internal error";
  }
}
