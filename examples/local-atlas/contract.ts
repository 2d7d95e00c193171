import { apiError, type HttpResponse } from "./http-response";

// MongoDB's pages "Generate Service Account Token" and "Revoke Service Account Token", as data. The odd parts are
// documented that way: a Digest challenge from an endpoint that takes Basic, a content type without a body, and
// `invalid_request` with a description of wrong credentials.

/** The two endpoints, and `status`, the smallest one of Atlas that takes an access token: its operation "getSystemStatus". */
export type Endpoint = "issue" | "revoke" | "status";

export const paths: Readonly<Record<Endpoint, string>> = {
  issue: "/api/oauth/token",
  revoke: "/api/oauth/revoke",
  status: "/api/atlas/v2",
};

/** A documented failure, with the two fields of RFC 6749 section 5.2, in the format of Atlas's other endpoints, or without a body. */
export interface Failure extends HttpResponse {
  readonly body: {
    readonly error: string | number;
    readonly error_description?: string;
    readonly detail?: string;
  } | null;
}

const json = { "content-type": "application/json" };
const serviceVersion = { "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101" };
const badRequest = { server: "mdbws" };

function failure(status: number, error: string, description: string, headers: Record<string, string> = {}): Failure {
  return {
    status,
    headers: { ...json, ...serviceVersion, ...headers },
    body: { error_description: description, error },
  };
}

export const invalidRequest = failure(400, "invalid_request", "The provided credentials are not valid.", badRequest);
export const unsupportedGrantType = failure(400, "unsupported_grant_type", "Invalid grant type.", badRequest);
export const invalidGrant = failure(400, "invalid_grant", "Invalid grant.", badRequest);
export const invalidClient = failure(401, "invalid_client", "Invalid credentials provided.", {
  "content-type": "application/json;charset=ISO-8859-1",
  "www-authenticate":
    'Digest realm="MMS Public API", domain="", nonce="bm9uY2U=", algorithm=MD5, op="auth", stale=false',
});
export const accessDenied = failure(403, "access_denied", "IP access list validation failed for the service account.");
export const tokenLimitReached = failure(
  403,
  "access_denied",
  "Access Token limit reached. Please use the existing Access Tokens or create a new Service Account.",
);
export const serverError = failure(500, "server_error", "Unexpected error.");

// Without a service version, since a 503 without a body comes from a gateway in front of Atlas.
export const serviceUnavailable: Failure = { status: 503, headers: { ...json, "retry-after": "7" }, body: null };

export function rateLimited(endpoint: Endpoint, requests = 10, windowSeconds = 60, retryAfter = 42): Failure {
  const minutes = windowSeconds / 60;
  const every = Number.isInteger(minutes) ? `${minutes} minutes` : `${windowSeconds} seconds`;
  return failure(
    429,
    "rate_limited",
    `Resource ${paths[endpoint]} is limited to ${requests} requests every ${every}.`,
    {
      "retry-after": String(retryAfter),
    },
  );
}

/** To anything but an active token. */
export const unauthorized = apiError(401, "Unauthorized", "You are not authorized for this resource.");

/** The documented failures of an endpoint; of several with one status, the most common one first. */
export function documentedFailures(endpoint: Endpoint): readonly Failure[] {
  if (endpoint === "status") {
    return [
      unauthorized,
      apiError(
        403,
        "Forbidden",
        "IP address 127.0.0.1 is not allowed to access this resource.",
        "IP_ADDRESS_NOT_ON_ACCESS_LIST",
      ),
      apiError(429, "Too Many Requests", "Rate limited.", "RATE_LIMITED"),
      apiError(500, "Internal Server Error", "Unexpected error.", "UNEXPECTED_ERROR"),
    ];
  }
  return [
    invalidRequest,
    unsupportedGrantType,
    invalidGrant,
    invalidClient,
    accessDenied,
    ...(endpoint === "issue" ? [tokenLimitReached] : []),
    rateLimited(endpoint),
    serverError,
    serviceUnavailable,
  ];
}

export function issued(accessToken: string, expiresIn: number): HttpResponse {
  return {
    status: 200,
    headers: { ...json, ...serviceVersion },
    body: { access_token: accessToken, expires_in: expiresIn, token_type: "Bearer" },
  };
}

export const revoked: HttpResponse = {
  status: 200,
  headers: { ...json, ...serviceVersion, vary: "Accept-Encoding", "strict-transport-security": "max-age=300" },
  body: null,
};
