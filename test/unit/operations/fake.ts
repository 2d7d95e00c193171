import assert from "node:assert/strict";
import { inspect } from "node:util";

import fc from "fast-check";

import type { TokenEvent } from "../../../provider/oauth/events";
import type { Failure, FailureDetails } from "../../../provider/oauth/failure/failure";
import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import type { IssuedToken, IssueTokenOptions } from "../../../provider/oauth/issue";
import type { RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { RunState, type Client, type Context } from "../../../provider/operations/context";
import { UserFacingError } from "../../../provider/operations/user-facing-error";
import type { Properties } from "../../../provider/operations/record";
import { errorFor, failuresOf } from "../../support/oauth/failures";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The time in every test, unless it says otherwise. */
export const NOW = Date.UTC(2026, 10, 1, 12);

export const id = "ci-0a1b2c3d";
export const clientId = "mdb_sa_id_fake";
export const origin = "https://atlas.example";
export const accessToken = "fake-token-of-the-state";
/** One for each source, so that a test sees which of them was used. */
export const secrets = {
  argument: "fake-secret-of-the-argument",
  config: "fake-secret-of-the-config",
  env: "fake-secret-of-the-environment",
} as const;
/** A client secret in the configuration and another one in the environment. */
export const elsewhere = {
  config: { clientSecret: secrets.config },
  env: { MONGODB_ATLAS_CLIENT_SECRET: secrets.env },
};

export interface Fakes extends Partial<Omit<Context, "sources" | "now" | "client">> {
  /** The configuration, by key without namespace. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly namespace?: Context["sources"]["namespace"];
  readonly now?: number;
  readonly atlasNow?: number;
  readonly issue?: Client["issue"];
  readonly revoke?: Client["revoke"];
}

export interface FakeContext extends Context {
  readonly lines: readonly string[];
  readonly events: readonly TokenEvent[];
  readonly issues: readonly IssueTokenOptions[];
  readonly revokes: readonly RevokeTokenOptions[];
}

/** A context in which nothing is configured. A request that the test does not expect fails it. */
export function fakeContext(fakes: Fakes = {}): FakeContext {
  const { config = {}, env = {}, namespace = "mongodbatlas", now = NOW, atlasNow, issue, revoke, ...others } = fakes;
  const lines: string[] = [];
  const events: TokenEvent[] = [];
  const issues: IssueTokenOptions[] = [];
  const revokes: RevokeTokenOptions[] = [];
  const client: Client = {
    issue: async (options) => {
      issues.push(options);
      assert.ok(issue, "unexpected issue");
      return issue(options);
    },
    revoke: async (options, operation) => {
      revokes.push(options);
      assert.ok(revoke, "unexpected revoke");
      return revoke(options, operation);
    },
    verify: () => Promise.reject(new Error("unexpected verify")),
    atlasNow: (asked) => (asked === origin ? atlasNow : undefined),
  };
  return {
    sources: { namespace, config: (key) => config[key], env },
    now: () => now,
    print: (line) => void lines.push(line),
    client: () => client,
    runState: new RunState(),
    onEvent: (event) => void events.push(event),
    ...others,
    lines,
    events,
    issues,
    revokes,
  };
}

/** What was recorded: each event, and the resource that it names. */
export function eventsOf({ events }: FakeContext): (readonly [string, string | undefined])[] {
  return events.map(({ event, resourceId }) => [event, resourceId]);
}

/** The inputs of a resource as check returns them. A change to `undefined` leaves a property out. */
export function inputsWith(changes: Properties = {}): Properties {
  const all: Properties = { name: "ci", clientId, baseUrl: origin, renewBefore: "10m", ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** What the state contains about a token that was issued now. A change to `undefined` leaves a property out. */
export function stateWith(changes: Properties = {}): Properties {
  return inputsWith({ accessToken, tokenType: "Bearer", issuedAt: time(0), expiresAt: time(HOUR), ...changes });
}

/** A moment as the state contains it, in milliseconds from now. */
export function time(fromNow: number): string {
  return new Date(NOW + fromNow).toISOString().replace(".000Z", "Z");
}

/** An unsigned JWT; `iat` and `exp` are milliseconds from now. */
export function jwt({ iat, exp, ...claims }: { iat?: number; exp?: number; [claim: string]: unknown }): string {
  const seconds = (fromNow = NaN): number | undefined => (Number.isNaN(fromNow) ? undefined : (NOW + fromNow) / 1000);
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ iat: seconds(iat), exp: seconds(exp), ...claims })}.fake`;
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

export const revoked: Client["revoke"] = () => Promise.resolve({ outcome: "revoked", status: 200, attempts: 1 });

/** Rejects each request with the failure of that code, or with one that differs in some details. */
export function failing(endpoint: Endpoint, code: Failure["code"], changes?: Partial<FailureDetails>) {
  return (): Promise<never> => Promise.reject(oauthError(endpoint, code, changes));
}

/** The client's own error. */
export function oauthError(endpoint: Endpoint, code: Failure["code"], changes?: Partial<FailureDetails>) {
  return errorFor(endpoint, { ...failuresOf(endpoint)[code], ...changes }, { origin, clientId });
}

/** Returns the failure that the user is to see; anything else fails the test. */
export async function userFacing(run: () => unknown): Promise<UserFacingError> {
  const error = await Promise.resolve()
    .then(run)
    .catch((error: unknown) => error);
  assert.ok(error instanceof UserFacingError, `no error for the user: ${inspect(error)}`);
  return error;
}

/** Fails if a secret is in a text, or in what a user or a log can see of an error: all but its properties. */
export function assertNothingSecret(
  seen: string | UserFacingError,
  secret: readonly string[] = Object.values(secrets),
): void {
  const text =
    typeof seen === "string"
      ? seen
      : [seen.message, seen.stack, String(seen), JSON.stringify(seen.reasons), String(seen.cause)].join("\n");
  for (const value of secret) assert.ok(!text.includes(value), `a secret is in: ${text}`);
}

/** Property values as somebody who edits a state could make them. */
export const anyProperties = fc.dictionary(
  fc.constantFrom(
    ...["name", "clientId", "clientSecret", "baseUrl", "renewBefore", "keepers", "existingToken"],
    ...[
      "accessToken",
      "tokenType",
      "issuedAt",
      "expiresAt",
      "incomplete",
      "verify",
      "revokedElsewhere",
      "__provider",
      "other",
    ],
  ),
  fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }),
    fc.constantFrom("", "nonsense 1", "2001", "+275760-09-13T00:00:00Z", time(-HOUR), time(HOUR), "10m", true),
  ),
);
