import { isAtlasOAuthError, revokeToken, type CallOptions } from "pulumi-atlas-token/oauth";
import type { StoredToken } from "./exported-state";

/** What came of a token. */
export type Outcome =
  | { readonly status: "revoked" | "would revoke" | "expired" }
  | {
      readonly status: "not revoked";
      /** Why, in a word. */
      readonly reason: string;
      readonly problem: string;
      readonly advice: string;
    };

/** The usual tolerance of clock skew: a token that expired for longer is dead on every clock. */
const CLOCK_SKEW = 5 * 60_000;

export function isExpired({ expiresAt }: StoredToken): boolean {
  return expiresAt !== undefined && Date.now() > expiresAt.getTime() + CLOCK_SKEW;
}

/** Revokes a token with the first of the secrets that Atlas accepts. */
export async function revoke(
  token: StoredToken,
  secrets: readonly string[],
  options: Pick<CallOptions, "signal" | "onWait">,
): Promise<Outcome> {
  const { accessToken, clientId, baseUrl, expiresAt } = token;
  const call = { ...options, baseUrl, clientId, token: accessToken, ...(expiresAt === undefined ? {} : { expiresAt }) };
  let outcome: Outcome = missingSecret(clientId);
  for (const clientSecret of secrets) {
    try {
      await revokeToken({ ...call, clientSecret });
      return { status: isExpired(token) ? "expired" : "revoked" };
    } catch (error) {
      if (!isAtlasOAuthError(error)) throw error;
      const { code, message } = error;
      outcome = { status: "not revoked", reason: code, problem: message, advice: adviceFor(code) };
      if (code !== "invalid_client") break;
    }
  }
  return outcome;
}

export function missingSecret(clientId: string): Outcome {
  const problem = `no secret is at hand for client id ${clientId}`;
  return { status: "not revoked", reason: "no secret", problem, advice: SET_SECRET };
}

const SET_SECRET = "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to those of that service account";

function adviceFor(code: string): string {
  if (code === "invalid_client") return SET_SECRET;
  if (code === "access_denied") return "add this machine's address to the IP access list of the service account";
  if (["invalid_request", "unsupported_grant_type", "invalid_grant"].includes(code)) {
    return "mend what Atlas complains of, since the same request gets the same answer";
  }
  return "run the same command again";
}
