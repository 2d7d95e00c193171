import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import type { AtlasOAuthFailure } from "../../../provider/oauth/failure/failure";

/** A documented failure and what the client is to make of it. */
export interface DocumentedFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly error_description: string } | null;
  readonly code: AtlasOAuthFailure["code"];
  readonly retryAfterSeconds?: number;
  readonly triedAgain: Readonly<Record<Endpoint, boolean>>;
}

const json = { "content-type": "application/json" };

/** A failure in OAuth's words. None is tried again unless it says so. */
function failure(
  status: number,
  code: AtlasOAuthFailure["code"],
  description: string,
  others: Partial<DocumentedFailure> = {},
): DocumentedFailure {
  const body = { error: code, error_description: description };
  return { status, code, headers: json, body, triedAgain: { issue: false, revoke: false }, ...others };
}

/** What MongoDB documents of the two endpoints, as data: nothing of it comes from the code under test. */
export const contract = {
  tokenPath: "/api/oauth/token",
  revokePath: "/api/oauth/revoke",
  issued: {
    status: 200,
    headers: json,
    body: { access_token: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", expires_in: 3600, token_type: "Bearer" },
  },
  revoked: {
    status: 200,
    headers: {
      ...json,
      vary: "Accept-Encoding",
      "strict-transport-security": "max-age=300",
      "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101",
    },
  },
  failures: [
    failure(400, "invalid_request", "The provided credentials are not valid."),
    failure(400, "unsupported_grant_type", "Invalid grant type."),
    failure(400, "invalid_grant", "Invalid grant."),
    failure(401, "invalid_client", "Invalid credentials provided.", {
      headers: {
        "content-type": "application/json;charset=ISO-8859-1",
        "www-authenticate":
          'Digest realm="MMS Public API", domain="", nonce="bm9uY2U=", algorithm=MD5, op="auth", stale=false',
      },
    }),
    failure(403, "access_denied", "IP access list validation failed for the service account."),
    failure(429, "rate_limited", "Resource /api/oauth/revoke is limited to 10 requests every 1 minutes.", {
      headers: { ...json, "retry-after": "42" },
      retryAfterSeconds: 42,
      triedAgain: { issue: true, revoke: true },
    }),
    failure(500, "server_error", "Unexpected error.", { triedAgain: { issue: false, revoke: true } }),
    failure(503, "service_unavailable", "", {
      headers: { ...json, "retry-after": "7" },
      body: null,
      retryAfterSeconds: 7,
      triedAgain: { issue: true, revoke: true },
    }),
  ],
} as const;

export const endpoints = ["issue", "revoke"] as const;
