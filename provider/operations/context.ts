import { sha256, type TokenEvent } from "../oauth/events";
import type { IssuedToken, IssueTokenOptions, UnrevokedToken } from "../oauth/issue";
import type { Verdict, VerifyOptions } from "../oauth/verify";
import type { RevokeResult, RevokeTokenOptions } from "../oauth/revoke";
import type { ConfigSources, ResolvedValue } from "../config";
import { KnownSecrets } from "./secrets";
import type { TokenRecord } from "./record";

/** What an operation knows of a revocation in addition to its options. */
export interface RevokeOperation {
  /** The other client secrets of the operation: no message repeats one of them either. */
  readonly otherSecrets?: readonly string[];
  /** Ends the call within so many milliseconds, instead of the retry timeout. */
  readonly withinMs?: number;
}

/** The client as the operations use it. */
export interface Client {
  issue(options: IssueTokenOptions): Promise<IssuedToken | UnrevokedToken>;
  revoke(options: RevokeTokenOptions, operation?: RevokeOperation): Promise<RevokeResult>;
  /** Asks Atlas whether it accepts a token; never rejects. */
  verify(options: VerifyOptions): Promise<Verdict>;
  /** The clock of that origin in milliseconds since the epoch; undefined until a response of this process has told it. */
  atlasNow(origin: string): number | undefined;
}

/** What the operations remember within one process, that is, within one run of Pulumi. */
export class RunState {
  /** IDs that were read or imported and not compared since: the comparison that follows must not see a due token as drift. */
  readonly justRead = new Set<string>();
  /** The client secrets that this run was given or Atlas accepted. */
  readonly secrets = new KnownSecrets();
  /** How many tokens Atlas may have issued that were never received, by resource. */
  readonly neverReceived = new Map<string, number>();
  /** The ephemeral token that calls share, by origin and client ID: in the making, or issued. */
  readonly ephemeralTokens = new Map<string, SharedToken>();
  /** The ephemeral tokens that are still to be revoked. */
  readonly unrevoked = new Set<EphemeralToken>();
  /** Origins that are not asked again whether they accept a token. */
  readonly notVerifying = new Set<string>();
  /** Whether a line has said that a token could not be verified: one is enough for all of them. */
  hasReportedUnverified = false;
  readonly #replaced = new Set<string>();
  readonly #planned = new Map<string, number>();
  readonly #issued = new Map<string, string>();
  readonly #held = new Map<string, string>();
  readonly #revoked = new Set<string>();

  /** Notes that a resource of this logical name is going to be created. */
  planCreate(name: string): void {
    this.#planned.set(name, (this.#planned.get(name) ?? 0) + 1);
  }

  /** Notes that this run replaces a resource. */
  markReplaced(id: string, record: TokenRecord): void {
    this.#replaced.add(id);
    this.release(id, record);
  }

  /** Whether this run issued or adopted the token. */
  isIssued(id: string): boolean {
    return [...this.#issued.values()].includes(id);
  }

  markIssued(name: string, id: string): void {
    this.#issued.set(name, id);
  }

  /**
   * The ID of the token that replaced this one, if that is certain: resources under different parents can have the same
   * logical name, and the engine does not say which of them is created.
   */
  replacementOf(id: string, name: string): string | undefined {
    return this.#replaced.has(id) && this.#planned.get(name) === 1 ? this.#issued.get(name) : undefined;
  }

  /** Notes that a resource has a token and that this run keeps it. Several resources can have the same adopted token. */
  hold(id: string, record: TokenRecord): void {
    if (record.accessToken !== undefined) this.#held.set(id, tokenKey(record));
  }

  /** Notes that a resource will be deleted. Returns one that keeps the same token of the same service account, if there is one. */
  release(id: string, record: TokenRecord): string | undefined {
    this.#held.delete(id);
    const key = tokenKey(record);
    return [...this.#held].find(([, held]) => held === key)?.[0];
  }

  /** Notes whether a token may have been revoked: from before the request, so that nobody adopts it in the meantime. */
  markRevoked(token: string, revoked: boolean): void {
    if (revoked) this.#revoked.add(token);
    else this.#revoked.delete(token);
  }

  wasRevoked(token: string): boolean {
    return this.#revoked.has(token);
  }
}

function tokenKey({ clientId, baseUrl, accessToken }: TokenRecord): string {
  return JSON.stringify([clientId, baseUrl, accessToken]);
}

/** A token that lives for one run of Pulumi. */
export interface EphemeralToken extends IssuedToken {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: ResolvedValue;
  readonly baseUrl: string;
}

/** A token of which several calls get the same. */
export interface SharedToken {
  readonly issuing: Promise<EphemeralToken>;
  /** Once it is issued. */
  token?: EphemeralToken;
}

/** Everything that an operation needs in addition to its arguments; the optional fields can differ from call to call. */
export interface Context {
  readonly sources: ConfigSources;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Shows a line to the user, below the resource or the stack. */
  readonly print: (line: string) => void;
  /** Loads the client on first use. */
  readonly client: () => Client;
  readonly runState: RunState;
  /** Records what happens to tokens. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
  /** Replaces the retry timeout of five minutes, in milliseconds. */
  readonly retryTimeoutMs?: number | undefined;
  /** Ends the waits of a call; a request in flight finishes. */
  readonly waitSignal?: AbortSignal | undefined;
  /** Ends a call, and its request in flight. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of a call to the client that come from the context. */
export function callOptions(
  resourceId: string,
  { retryTimeoutMs, waitSignal, signal, onEvent }: Context,
): Pick<RevokeTokenOptions, "retryTimeoutMs" | "waitSignal" | "signal" | "onEvent"> {
  return {
    ...(signal === undefined ? {} : { signal }),
    // A deadline that is infinite means none, but the client wants a number: this is longer than any token lives.
    ...(retryTimeoutMs === undefined ? {} : { retryTimeoutMs: Math.min(retryTimeoutMs, Number.MAX_SAFE_INTEGER) }),
    ...(waitSignal === undefined ? {} : { waitSignal }),
    ...(onEvent === undefined ? {} : { onEvent: (event: TokenEvent) => onEvent({ ...event, resourceId }) }),
  };
}

/** Records an event of which the client knows nothing. */
export function recordEvent(
  { onEvent, now }: Context,
  event: Pick<TokenEvent, "event" | "resourceId" | "status" | "attempts">,
  { clientId = "", baseUrl = "", accessToken }: TokenRecord,
): void {
  onEvent?.({
    time: new Date(now()).toISOString(),
    attempts: 0,
    ...event,
    clientId,
    origin: baseUrl,
    ...(accessToken === undefined ? {} : { tokenSha256: sha256(accessToken) }),
  });
}
