/** A request to Atlas, and what is known about its response. */
export interface Step {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The access token, or the client ID with the right or a wrong client secret. */
  readonly authorization: "token" | "secret" | "wrong secret";
  readonly form?: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

export interface Expected {
  /** Where the expectation comes from. */
  readonly source: "documented" | "RFC 7009" | "assumed";
  /** Absent if nothing is known about the status. */
  readonly status?: number;
  /** No body, or a JSON object with at least these properties. */
  readonly body?: null | Readonly<Record<string, string | number>>;
  /** The body is on several lines. */
  readonly indented?: true;
  /** What the values of these headers start with. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stands for any JWT in an expected body. */
export const ANY_JWT = "a JWT";

/** Stands for the issued token in a form. */
export const TOKEN = "{token}";

const NONSENSE = "not-a-token-of-atlas";
const hint = { token_type_hint: "access_token" };
const json = { "content-type": "application/json" };
const version = { "x-mongodb-service-version": "gitHash=" };
const success: Expected = { source: "documented", status: 200, body: null };
const revoke = { method: "POST", path: "/api/oauth/revoke", authorization: "secret" } as const;
const use = { method: "GET", path: "/api/atlas/v2", authorization: "token" } as const;
const invalidRequest: Expected = {
  source: "documented",
  status: 400,
  body: { error: "invalid_request", error_description: "The provided credentials are not valid." },
  headers: json,
};

export const ISSUE: Step = {
  name: "issue a token",
  method: "POST",
  path: "/api/oauth/token",
  authorization: "secret",
  form: { grant_type: "client_credentials" },
  expected: {
    source: "documented",
    status: 200,
    body: { access_token: ANY_JWT, expires_in: 3600, token_type: "Bearer" },
    headers: { ...json, ...version },
  },
};

/** While the token is active. Only one request has a wrong secret, so that no account can be locked. */
export const BEFORE: readonly Step[] = [
  { ...use, name: "use the token", expected: { source: "documented", status: 200 } },
  {
    ...revoke,
    name: "revoke with a wrong secret",
    authorization: "wrong secret",
    form: { token: NONSENSE, ...hint },
    expected: {
      source: "documented",
      status: 401,
      body: { error: "invalid_client", error_description: "Invalid credentials provided." },
      headers: { ...json, "www-authenticate": 'Digest realm="MMS Public API"' },
    },
  },
  { ...revoke, name: "revoke without a token", form: hint, expected: invalidRequest },
  {
    ...revoke,
    name: "the same with pretty",
    path: "/api/oauth/revoke?pretty=true",
    form: hint,
    expected: { ...invalidRequest, indented: true },
  },
  {
    ...revoke,
    name: "the same with envelope",
    path: "/api/oauth/revoke?envelope=true",
    form: hint,
    // Only the property `status` is documented; the HTTP status and the place of the error are not.
    expected: { source: "documented", body: { status: 400 } },
  },
];

export const REVOKE: Step = {
  ...revoke,
  name: "revoke the token",
  form: { token: TOKEN, ...hint },
  expected: { ...success, headers: version },
};

/** Once the token is revoked. */
export const AFTER: readonly Step[] = [
  { ...use, name: "use the revoked token", expected: { source: "assumed", status: 401 } },
  { ...REVOKE, name: "revoke the token again", expected: { source: "RFC 7009", status: 200, body: null } },
  {
    ...revoke,
    name: "revoke an unknown token",
    form: { token: NONSENSE, ...hint },
    expected: { source: "RFC 7009", status: 200, body: null },
  },
];
