import { parseAccessToken, parseClientId, parseClientSecret, type Parsed } from "./input/credentials";
import { parseBaseUrl } from "./input/base-url";
import type { ClientSettings } from "./client-settings";
import type { Endpoint } from "./http/endpoint";
import { fromNoResponse } from "./failure/classify";
import { errorOf, type AtlasOAuthError } from "./failure/error";
import { describeFailure } from "./failure/messages";
import { sha256, type TokenEvent } from "./events";
import type { TokenExpiry } from "./queue/expiry";
import type { Failure } from "./failure/failure";
import { header, serviceVersionOf, type HttpResponse } from "./http/response";
import { notify } from "./lib/notify";
import { redactor, type Redactor } from "./failure/redact";
import { RequestQueue } from "./queue/request-queue";
import { retryTimeouts, withRetry, type RetryTimeouts, type Wait } from "./queue/retry";
import { basicAuthorization } from "./http/client-auth";
import { send, type AtlasRequest } from "./http/request";

/** Options of every call of the client. */
export interface CallOptions {
  /**
   * The origin of Atlas, for example `https://cloud.mongodb.com` or, for Atlas for Government,
   * `https://cloud.mongodbgov.com`. Plain http is allowed only on localhost.
   *
   * @default none: required
   */
  readonly baseUrl: string;
  /**
   * The client ID of the service account (`mdb_sa_id_…`). White space around it is removed.
   *
   * @default none: required
   */
  readonly clientId: string;
  /**
   * The client secret of the service account (`mdb_sa_sk_…`). White space around it is removed.
   *
   * @default none: required
   */
  readonly clientSecret: string;
  /**
   * Ends the call early; it then rejects with the code `aborted`.
   *
   * @default undefined: nothing ends the call early
   */
  readonly signal?: AbortSignal;
  /**
   * Ends the call's waits. A request in flight finishes: if it succeeds, the call resolves; otherwise the call rejects with
   * the request's own failure if that cannot be retried, and with the code `aborted` if it can.
   *
   * @default undefined: nothing ends the waits
   * @example
   * // On Ctrl-C, let the requests in flight finish, but wait for nothing.
   * const stop = new AbortController();
   * process.once("SIGINT", () => stop.abort());
   * await revokeToken({ ...options, waitSignal: stop.signal });
   */
  readonly waitSignal?: AbortSignal | undefined;
  /**
   * How long the call is retried after a failure, in milliseconds, at least 0. A tenth of it applies if the host name does
   * not resolve or the connection is refused, three times as much under a rate limit that lets nothing through.
   *
   * @default 300_000
   */
  readonly retryTimeoutMs?: number | undefined;
  /**
   * Called each time that the call begins to wait before it retries.
   *
   * @default undefined: waits are not reported
   * @param wait what it waits for, and how long
   */
  readonly onWait?: (wait: WaitInfo) => void;
  /**
   * Called when a token was issued, was revoked or had expired, and when a call fails, for an audit log. What it throws
   * is ignored.
   *
   * @default undefined: events are not reported
   * @param event what happened; it holds no secret
   * @example
   * await revokeToken({ ...options, onEvent: (event) => appendFileSync("audit.jsonl", `${JSON.stringify(event)}\n`) });
   */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined;
}

/** What a call waits for, for a progress line. */
export interface WaitInfo extends Wait {
  /** The endpoint that is called. */
  readonly endpoint: Endpoint;
  /** The origin that is called. */
  readonly origin: string;
  /** The client ID of the service account. */
  readonly clientId: string;
}

/** What a response means. */
export type Reading<T> = { readonly value: T } | { readonly failure: Failure };

/** The request of one call, and how its response is read. */
export interface Exchange<T> extends Required<Pick<AtlasRequest, "form">>, Pick<AtlasRequest, "query"> {
  readonly read: (response: HttpResponse) => Reading<T>;
}

/** What a call came to. */
export interface Completed<T> {
  readonly value: T;
  readonly status: number;
  /** As the server sent it: not sanitized. */
  readonly serviceVersion?: string;
  readonly attempts: number;
}

/** The token expired before Atlas confirmed anything. */
export interface Expired {
  readonly expired: true;
  readonly attempts: number;
  /** Why Atlas's clock is not known, if it is not. */
  readonly reason?: string | undefined;
}

/** How long a revocation is retried at least if only this machine's clock says that the token has expired, in milliseconds. */
const MIN_UNCERTAIN_MS = 45_000;
/** What the retries came to at least before that clock decides: a `Retry-After` can end them after the first response. */
const UNCERTAIN_RETRIES = { attempts: 3, elapsedMs: 10_000 };

/** One call of an endpoint. It validates its arguments on construction, and creates all errors and events of the call. */
export class Call {
  readonly origin: string;
  /** The access token to revoke; empty for an issue. */
  readonly token: string;
  readonly #endpoint: Endpoint;
  readonly #options: CallOptions;
  readonly #settings: ClientSettings;
  readonly #startedAt: number;
  readonly #clientId: string;
  readonly #clientSecret: string;
  readonly #otherSecrets: readonly string[];
  readonly #redactor: Redactor;

  /**
   * @param otherSecrets the other client secrets of the same operation, which a server can repeat as well
   * @throws an error with the code `invalid_argument`
   */
  constructor(
    endpoint: Endpoint,
    options: CallOptions & { readonly token?: string },
    settings: ClientSettings,
    otherSecrets: readonly string[] = [],
  ) {
    const given = unchecked(options);
    const parsed = {
      clientId: parseClientId(given.clientId),
      clientSecret: parseClientSecret(given.clientSecret),
      token: endpoint === "revoke" ? parseAccessToken(given.token) : { value: "" },
      baseUrl: parseBaseUrl(given.baseUrl),
    };
    this.#endpoint = endpoint;
    this.#options = options;
    this.#settings = settings;
    this.#startedAt = settings.clock.monotonic();
    // A client ID that was refused may be the secret: no message names it.
    this.#clientId = valueOf(parsed.clientId);
    this.#clientSecret = valueOf(parsed.clientSecret);
    this.origin = valueOf(parsed.baseUrl);
    this.token = valueOf(parsed.token);
    this.#otherSecrets = otherSecrets;
    this.#redactor = this.#redactorFor(this.token);
    for (const [name, value] of Object.entries(parsed)) {
      if ("problem" in value) this.requireArgument(false, `${name} ${value.problem}`);
    }
    this.requireArgument(isOptionalSignal(given.signal), "signal must be an AbortSignal");
    this.requireArgument(isOptionalSignal(given.waitSignal), "waitSignal must be an AbortSignal");
    this.requireArgument(isRetryTimeout(given.retryTimeoutMs), "retryTimeoutMs must be a finite number of at least 0");
    for (const name of ["onWait", "onEvent"] as const) {
      this.requireArgument(
        given[name] === undefined || typeof given[name] === "function",
        `${name} must be a function`,
      );
    }
  }

  /** Throws an error with the code `invalid_argument` unless the condition holds. */
  requireArgument(condition: boolean, problem: string): void {
    if (!condition) throw this.reportFailure({ code: "invalid_argument", retryable: false, description: problem }, 0);
  }

  /** Makes a server's text about a token fit for a message; undefined if nothing of it can be shown. */
  sanitize(text: string | undefined, token: string): string | undefined {
    return this.#redactorFor(token).sanitize(text);
  }

  /** Reports the failure of this call and returns its error. The server's words in the failure have been sanitized before. */
  reportFailure(failure: Failure, attempts: number): AtlasOAuthError {
    const elapsedMs = Math.round(this.#settings.clock.monotonic() - this.#startedAt);
    const call = { endpoint: this.#endpoint, ...this.#shown, attempts, elapsedMs };
    const { code, status, serviceVersion } = failure;
    this.report(`${this.#endpoint}_failed`, this.token, { status, code, attempts, serviceVersion });
    return errorOf(failure, call);
  }

  /** Reports what happened to a token; details that are undefined are left out. */
  report(
    event: TokenEvent["event"],
    token: string,
    details: { readonly [Key in "status" | "code" | "attempts" | "serviceVersion"]?: TokenEvent[Key] | undefined },
  ): void {
    const { onEvent } = unchecked(this.#options);
    if (typeof onEvent !== "function") return;
    const serviceVersion = this.sanitize(details.serviceVersion, token);
    notify(this.#options.onEvent, {
      time: new Date(this.#settings.clock.now()).toISOString(),
      event,
      ...this.#shown,
      ...(token === "" ? {} : { tokenSha256: sha256(token) }),
      ...Object.fromEntries(Object.entries({ ...details, serviceVersion }).filter(([, value]) => value !== undefined)),
    });
  }

  /** Makes requests until one decides the call, or until the token has expired. */
  async execute<T>(exchange: Exchange<T>): Promise<Completed<T>>;
  async execute<T>(exchange: Exchange<T>, expiry: TokenExpiry | undefined): Promise<Completed<T> | Expired>;
  async execute<T>(exchange: Exchange<T>, expiry?: TokenExpiry): Promise<Completed<T> | Expired> {
    const { signal, waitSignal, onWait } = this.#options;
    const { clock, random } = this.#settings;
    const outcome = await withRetry({
      queue: this.#queue(),
      clock,
      random,
      timeouts: this.#retryTimeouts(expiry),
      signal,
      waitSignal,
      remainingMs: expiry && (() => expiry.remainingMs()),
      // Redacted here instead of beforehand: most calls never wait, and redacting computes every encoding of the secrets.
      onWait: (wait) => onWait?.({ ...wait, endpoint: this.#endpoint, ...this.#shown }),
      attempt: async () => {
        // It may have waited for its turn, and another call may have learned the time meanwhile.
        if (expiry !== undefined && expiry.remainingMs() <= 0) return { expired: true };
        return this.#attempt(exchange, expiry);
      },
    });
    const { attempts } = outcome;
    if ("value" in outcome) return { ...outcome.value, attempts };
    if ("expired" in outcome) return { ...outcome, reason: this.#settings.atlasClock.silenceOf(this.origin) };
    // All its retries got responses, and none of them told the time.
    const { failure } = outcome;
    if (expiry?.isUncertain === true && failure.status !== undefined && this.#wasRetried(failure, attempts)) {
      return { expired: true, attempts, reason: describeFailure(failure) };
    }
    throw this.reportFailure(failure, attempts);
  }

  #retryTimeouts(expiry: TokenExpiry | undefined): RetryTimeouts {
    const { retryTimeoutMs } = this.#options;
    const timeouts = retryTimeoutMs === undefined ? this.#settings.retryTimeouts : retryTimeouts(retryTimeoutMs);
    if (expiry?.isUncertain !== true) return timeouts;
    const atLeast = (timeout: number): number => Math.max(timeout, MIN_UNCERTAIN_MS);
    return { refused: atLeast(timeouts.refused), other: atLeast(timeouts.other), rateLimit: timeouts.rateLimit };
  }

  async #attempt<T>(
    { form, query = {}, read }: Exchange<T>,
    expiry: TokenExpiry | undefined,
  ): Promise<Reading<Omit<Completed<T>, "attempts">>> {
    const { clock, timeouts, atlasClock } = this.#settings;
    const { signal } = this.#options;
    const request = {
      endpoint: this.#endpoint,
      origin: this.origin,
      authorization: basicAuthorization(this.#clientId, this.#clientSecret),
      form,
      query,
    };
    const response = await send(request, { signal, timeouts, clock });
    if ("endedBy" in response) {
      const failure = this.#sanitized(fromNoResponse(this.#endpoint, response));
      if (failure.code === "aborted") return { failure };
      atlasClock.noteSilence(this.origin, describeFailure(failure));
      // Whatever it was, one fault is not enough for this machine's clock to decide alone.
      return { failure: expiry?.isUncertain === true ? { ...failure, retryable: true } : failure };
    }
    atlasClock.learn(this.origin, header(response, "date"));
    const reading = read(response);
    if ("failure" in reading && !response.complete && signal?.aborted === true) {
      return { failure: fromNoResponse(this.#endpoint, { endedBy: "caller", started: true }) };
    }
    if ("failure" in reading) return { failure: this.#sanitized(reading.failure) };
    const serviceVersion = serviceVersionOf(response);
    const { status } = response;
    return { value: { ...reading, status, ...(serviceVersion === undefined ? {} : { serviceVersion }) } };
  }

  #wasRetried({ retryable }: Failure, attempts: number): boolean {
    const elapsedMs = this.#settings.clock.monotonic() - this.#startedAt;
    return retryable && attempts >= UNCERTAIN_RETRIES.attempts && elapsedMs >= UNCERTAIN_RETRIES.elapsedMs;
  }

  /** Keeps what is secret or unprintable out of everything that the server said. */
  #sanitized({ description: words, serviceVersion: version, ...others }: Failure): Failure {
    const description = this.#redactor.sanitize(words);
    const serviceVersion = this.#redactor.sanitize(version);
    return {
      ...others,
      ...(description === undefined ? {} : { description }),
      ...(serviceVersion === undefined ? {} : { serviceVersion }),
    };
  }

  #redactorFor(token: string): Redactor {
    return redactor(this.#clientId, this.#clientSecret, token === "" ? undefined : token, this.#otherSecrets);
  }

  /** What messages, events and waits name: printable. Somebody may have taken the secret for the client ID or put it into the base URL. */
  get #shown(): { readonly origin: string; readonly clientId: string } {
    return { origin: this.#redactor.redact(this.origin), clientId: this.#redactor.redact(this.#clientId) };
  }

  #queue(): RequestQueue {
    const { queues, clock } = this.#settings;
    const key = JSON.stringify([this.origin, this.#endpoint, this.#clientId]);
    let queue = queues.get(key);
    if (queue === undefined) queues.set(key, (queue = new RequestQueue(clock)));
    return queue;
  }
}

/** Returns the options as what they are: callers from JavaScript can pass anything. */
export function unchecked<T>(options: T | null | undefined): Partial<Record<keyof T, unknown>> {
  return options ?? {};
}

function valueOf(parsed: Parsed): string {
  return "value" in parsed ? parsed.value : "";
}

function isOptionalSignal(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
}

function isRetryTimeout(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value >= 0 && value < Infinity);
}
