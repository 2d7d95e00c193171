import assert from "node:assert/strict";

import { errorOf, type AtlasOAuthError } from "../../../provider/oauth/error";
import type { Failure } from "../../../provider/oauth/failure";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { IssuedToken, IssueTokenOptions } from "../../../provider/oauth/issue";
import type { RevokeResult, RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { RunState, type Client, type Context } from "../../../provider/operations/context";
import { UserFacingError } from "../../../provider/operations/user-facing-error";
import type { Properties } from "../../../provider/operations/record";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The time in every test, unless it says otherwise. */
export const NOW = Date.UTC(2026, 10, 1, 12);

export const id = "ci-0a1b2c3d";
export const clientId = "fake-client";
export const origin = "https://atlas.example";
export const accessToken = "fake-token-of-the-state";
/** One for each place that a secret can be in, so that a test sees which one was taken. */
export const secrets = {
  input: "fake-secret-of-the-input",
  config: "fake-secret-of-the-config",
  env: "fake-secret-of-the-environment",
} as const;

export const configured = {
  clientId: "mongodbatlas:clientId",
  clientSecret: "mongodbatlas:clientSecret",
  baseUrl: "mongodbatlas:baseUrl",
  government: "mongodbatlas:isMongodbgovCloud",
} as const;
export const variables = {
  clientId: "MONGODB_ATLAS_CLIENT_ID",
  clientSecret: "MONGODB_ATLAS_CLIENT_SECRET",
  baseUrl: "MONGODB_ATLAS_BASE_URL",
} as const;

export interface Fakes {
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: number;
  readonly runState?: RunState;
  readonly issue?: Client["issue"];
  readonly revoke?: (options: RevokeTokenOptions) => Promise<RevokeResult | void>;
}

export interface FakeContext extends Context {
  /** What was printed. */
  readonly lines: readonly string[];
  /** The options of each call, in their order. */
  readonly issues: readonly IssueTokenOptions[];
  readonly revokes: readonly RevokeTokenOptions[];
}

/** A context without surroundings; it fails a test that as much as loads a client that the test does not give. */
export function fakeContext(fakes: Fakes = {}): FakeContext {
  const { config = {}, env = {}, now = NOW, runState = new RunState(), issue, revoke } = fakes;
  const lines: string[] = [];
  const issues: IssueTokenOptions[] = [];
  const revokes: RevokeTokenOptions[] = [];
  const client: Client = {
    issue: async (options) => {
      issues.push(options);
      assert.ok(issue, "nothing was to be issued");
      return issue(options);
    },
    revoke: async (options) => {
      revokes.push(options);
      assert.ok(revoke, "nothing was to be revoked");
      return (await revoke(options)) ?? { outcome: "revoked", status: 200, attempts: 1 };
    },
    atlasNow: () => undefined,
  };
  return {
    sources: { namespace: "mongodbatlas", config: (key) => config[`mongodbatlas:${key}`], env },
    now: () => now,
    print: (line) => void lines.push(line),
    client: () => {
      assert.ok(issue ?? revoke, "no client was to be loaded");
      return client;
    },
    runState,
    lines,
    issues,
    revokes,
  };
}

/** The inputs of a resource as check leaves them. A change to `undefined` leaves a property out. */
export function inputsWith(changes: Properties = {}): Properties {
  return present({ name: "ci", clientId, baseUrl: origin, renewBefore: "10m", ...changes });
}

/** What the state holds of a token that was issued now. A change to `undefined` leaves a property out. */
export function stateWith(changes: Properties = {}): Properties {
  return present({
    ...inputsWith(),
    accessToken,
    tokenType: "Bearer",
    issuedAt: time(0),
    expiresAt: time(HOUR),
    ...changes,
  });
}

/** A state and inputs that differ in nothing but the changes. */
export function pair(olds: Properties, news: Properties): readonly [Properties, Properties] {
  return [stateWith(olds), inputsWith(news)];
}

function present(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

/** A moment as the state holds it, that many milliseconds from now. */
export function time(fromNow: number): string {
  return new Date(NOW + fromNow).toISOString().replace(".000Z", "Z");
}

/** A token that tells what it is told to, unsigned. */
export function jwt(claims: object): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.fake`;
}

/** Seconds since the epoch, as a JWT tells the time. */
export function claim(fromNow: number): number {
  return (NOW + fromNow) / 1000;
}

export function issued(changes: Partial<IssuedToken> = {}): IssuedToken {
  return {
    accessToken: "fake-token-just-issued",
    tokenType: "Bearer",
    issuedAt: new Date(NOW),
    expiresAt: new Date(NOW + HOUR),
    ...changes,
  };
}

/** One failure for each code, as the client makes it. */
export const failures = {
  invalid_request: { code: "invalid_request", status: 400, retryable: false },
  unsupported_grant_type: { code: "unsupported_grant_type", status: 400, retryable: false },
  invalid_grant: { code: "invalid_grant", status: 400, retryable: false },
  invalid_client: {
    code: "invalid_client",
    status: 401,
    retryable: false,
    description: "Invalid credentials provided.",
  },
  access_denied: { code: "access_denied", status: 403, retryable: false, description: "IP access list." },
  rate_limited: { code: "rate_limited", status: 429, retryable: true, retryAfter: 42 },
  server_error: { code: "server_error", status: 500, retryable: true, serviceVersion: "gitHash=0a1b2c3" },
  service_unavailable: { code: "service_unavailable", status: 503, retryable: true },
  unexpected_response: { code: "unexpected_response", status: 302, retryable: false, description: "it redirects" },
  unreachable: { code: "unreachable", retryable: true, cause: { name: "Error", code: "ENOTFOUND" } },
  no_response: {
    code: "no_response",
    retryable: true,
    cause: { name: "Error", code: "ECONNRESET", syscall: "read" },
  },
  aborted: { code: "aborted", sent: false, retryable: false },
  invalid_argument: { code: "invalid_argument", retryable: false, description: "token must be a string" },
} as const satisfies { readonly [Code in Failure["code"]]: Failure & { readonly code: Code } };

export const codes = Object.keys(failures) as readonly Failure["code"][];

/** The client's own error for a failure. */
export function oauthError(endpoint: Endpoint, failure: Failure): AtlasOAuthError {
  const context = { endpoint, origin, clientId, attempts: 3, elapsedMs: 4_210 };
  return errorOf(failure, context);
}

/** Waits for the failure that a reader of the run is to see; anything else fails the test. */
export async function expectedFailure(promise: Promise<unknown>): Promise<UserFacingError> {
  const reason = await promise.then(
    () => assert.fail("it resolved"),
    (error: unknown) => error,
  );
  if (!(reason instanceof UserFacingError)) throw reason;
  return reason;
}

/** The line that Pulumi's provider host prints of an error. */
export function printed(error: UserFacingError): string {
  return `${String(error)}: ${error.stack}`;
}

/** Everything that a reader, the state or a log can come to see of an error. */
export function everythingOf(error: UserFacingError): string {
  const { message, stack, id, properties, reasons, cause } = error;
  return [message, stack, String(error), JSON.stringify({ id, properties, reasons, cause })].join("\n");
}

export function assertNothingSecret(text: string, secret: readonly string[] = Object.values(secrets)): void {
  for (const each of secret) assert.ok(!text.includes(each), `a secret stands in: ${text}`);
}
