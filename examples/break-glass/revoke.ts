import {
  isAtlasOAuthError,
  revokeToken,
  type AtlasOAuthError,
  type CallOptions,
  type KnownBy,
  type TokenEvent,
} from "pulumi-atlas-token/oauth";
import type { StoredToken } from "./exported-state";

/** What happened to a token. */
export type Outcome =
  | { readonly status: "revoked" | "would revoke" }
  | {
      readonly status: "expired";
      /** Without a client secret or a connection to Atlas, the local clock decides alone. */
      readonly knownBy: KnownBy;
    }
  | {
      readonly status: "not revoked";
      /** In a word or two, for the line of the token. */
      readonly reason: string;
      readonly problem: string;
      /** What to do next, in full sentences. */
      readonly advice: string;
    };

/** The clocks of two machines may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Whether a token has expired by this machine's clock, which alone must never prevent a revocation. */
export function isExpiredHere({ expiresAt }: StoredToken): boolean {
  return expiresAt !== undefined && Date.now() > expiresAt.getTime() + CLOCK_SKEW_MS;
}

/**
 * The secrets to try for a token, as the provider itself chooses them: from the arguments, the stack's configuration
 * and the environment. A secret that is paired with another client ID is ignored.
 */
export function candidateSecrets(
  { clientId, credentials }: StoredToken,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const environment = { clientId: env["MONGODB_ATLAS_CLIENT_ID"], clientSecret: env["MONGODB_ATLAS_CLIENT_SECRET"] };
  const secrets = [...credentials, environment]
    .filter((pair) => ["", clientId].includes(pair.clientId?.trim() ?? ""))
    .map(({ clientSecret = "" }) => clientSecret.trim());
  return [...new Set(secrets)].filter((secret) => secret !== "");
}

export type RevokeOptions = Pick<CallOptions, "waitSignal" | "onWait" | "onEvent">;

/** Revokes a token with the first secret that Atlas accepts. */
export async function revoke(
  token: StoredToken,
  secrets: readonly string[],
  { onEvent, ...options }: RevokeOptions,
): Promise<Outcome> {
  const { accessToken, clientId, baseUrl, expiresAt } = token;
  const call = {
    ...options,
    onEvent: (event: TokenEvent) => onEvent?.({ ...event, resourceId: token.id }),
    baseUrl,
    clientId,
    token: accessToken,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  let outcome: Outcome = missingSecret(clientId);
  for (const clientSecret of secrets) {
    try {
      const result = await revokeToken({ ...call, clientSecret });
      return result.outcome === "revoked" ? { status: "revoked" } : { status: "expired", knownBy: result.knownBy };
    } catch (error) {
      if (!isAtlasOAuthError(error)) throw error;
      outcome = { status: "not revoked", reason: error.code, problem: error.message, advice: adviceFor(error) };
      // Atlas documents "The provided credentials are not valid" for `invalid_request`.
      if (error.code !== "invalid_client" && error.code !== "invalid_request") break;
    }
  }
  return outcome;
}

export function missingSecret(clientId: string): Outcome {
  const problem = `no client secret is configured for client ID ${clientId}`;
  return { status: "not revoked", reason: "no client secret", problem, advice: SET_SECRET };
}

const SET_SECRET = "Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to those of this service account.";
const ALLOW_ADDRESS = "Add this machine's IP address to the IP access list of the service account.";
const WAIT_FOR_EXPIRY = "Revoke tokens that are no longer needed, or wait until they expire.";
const ALLOW_ADDRESS_OR_WAIT =
  "If the service account has an IP access list, add this machine's IP address to it. " +
  "If it has reached its token limit, revoke tokens that are no longer needed, or wait until they expire.";

function adviceFor({ code, description = "" }: AtlasOAuthError): string {
  switch (code) {
    case "invalid_client":
      return SET_SECRET;
    case "access_denied":
      if (/token limit/i.test(description)) return WAIT_FOR_EXPIRY;
      if (/access list/i.test(description)) return ALLOW_ADDRESS;
      return ALLOW_ADDRESS_OR_WAIT;
    case "invalid_grant":
      return "Revoke it with the service account that issued it: an adopted token can belong to another one.";
    case "invalid_request":
    case "unsupported_grant_type":
    case "invalid_argument":
    case "unsupported_runtime":
      return "Fix the reported problem; retrying unchanged will fail again.";
    case "rate_limited":
    case "server_error":
    case "service_unavailable":
    case "unexpected_response":
    case "unreachable":
    case "no_response":
    case "aborted":
      return "Rerun the same command.";
  }
}
