import { parseAccessToken, parseClientId, parseClientSecret } from "./access-token";
import { header, type HttpResponse } from "./http-response";
import { parseBaseUrl } from "./base-url";
import type { Endpoint } from "./endpoint";
import { errorOf, type AtlasOAuthError } from "./error";
import type { TokenExpiry } from "./expiry";
import type { Failure } from "./failure";
import { onAbort } from "./on-abort";
import { RequestQueue } from "./request-queue";
import { redactor, type Redactor } from "./redact";
import { send, type Request } from "./request";
import { retryTimeouts, withRetry, type Attempt, type Outcome, type Wait } from "./retry";
import type { ClientSettings } from "./client-settings";

/** What every call of the client needs. */
export interface CallOptions {
  /** The origin of Atlas: https, or http on this machine. Required; the public Atlas is `https://cloud.mongodb.com`. */
  readonly baseUrl: string;
  /** The client id of the service account (`mdb_sa_id_…`). */
  readonly clientId: string;
  /** The client secret of the service account (`mdb_sa_sk_…`). */
  readonly clientSecret: string;
  /** Ends the call early; it then rejects with the code `aborted`. */
  readonly signal?: AbortSignal;
  /**
   * Ends the call's waits, but not a request in flight, which finishes and may still decide the call. Otherwise the call
   * then rejects with the code `aborted`.
   *
   * @example
   * // On Ctrl-C, let the requests in flight finish, but wait for nothing.
   * const stop = new AbortController();
   * process.once("SIGINT", () => stop.abort());
   * await revokeToken({ ...options, waitSignal: stop.signal });
   */
  readonly waitSignal?: AbortSignal | undefined;
  /**
   * How long the call is retried after a fault, in milliseconds, at least 0. A tenth of it applies if the host name does
   * not resolve or the connection is refused, three times as much under a rate limit that lets nothing through.
   *
   * @default 300_000
   */
  readonly retryTimeoutMs?: number | undefined;
  /**
   * Is told each time that the call begins to wait before it tries again.
   *
   * @param wait what it waits for, and how long
   */
  readonly onWait?: (wait: WaitInfo) => void;
}

/** What a call waits for, for a progress line. */
export interface WaitInfo extends Wait {
  /** The endpoint that is called. */
  readonly endpoint: Endpoint;
  /** The origin that is called. */
  readonly origin: string;
  /** The client id of the service account. */
  readonly clientId: string;
}

/** One call in the making: checked arguments, their redactor and how its errors are made. */
export interface Call {
  readonly request: Request;
  readonly redact: Redactor;
  error(failure: Failure, attempts: number): AtlasOAuthError;
}

/** Checks the arguments that both endpoints take. Throws an error with the code `invalid_argument`. */
export function prepareCall(
  endpoint: Endpoint,
  options: CallOptions,
  token: { readonly given: unknown } | undefined,
  makeForm: (token: string) => Readonly<Record<string, string>>,
  settings: ClientSettings,
): Call {
  const startedAt = settings.clock.monotonic();
  const given = unchecked(options);
  const id = parseClientId(given.clientId);
  const secret = parseClientSecret(given.clientSecret);
  const access = token === undefined ? undefined : parseAccessToken(token.given);
  const parsed = parseBaseUrl(text(given.baseUrl));
  // A client ID that was refused may be the secret: no message names it.
  const clientId = "clientId" in id ? id.clientId : "";
  const clientSecret = "clientSecret" in secret ? secret.clientSecret : "";
  const accessToken = access !== undefined && "token" in access ? access.token : undefined;
  const redact = redactor(
    clientId,
    text(given.clientSecret).trim(),
    token && (accessToken ?? text(token.given).trim()),
  );
  const origin = "origin" in parsed ? parsed.origin : "";
  const error = (failure: Failure, attempts: number): AtlasOAuthError => {
    const elapsedMs = Math.round(settings.clock.monotonic() - startedAt);
    return errorOf(failure, { endpoint, origin, clientId, attempts, elapsedMs }, (each) => redact.redact(each));
  };
  const problem =
    problemOf("clientId", id) ??
    problemOf("clientSecret", secret) ??
    (access === undefined ? undefined : problemOf("token", access)) ??
    problemOf("baseUrl", parsed) ??
    (isOptionalSignal(given.signal) ? undefined : "signal must be an AbortSignal") ??
    (isOptionalSignal(given.waitSignal) ? undefined : "waitSignal must be an AbortSignal") ??
    (isRetryTimeout(given.retryTimeoutMs) ? undefined : "retryTimeoutMs must be a finite number of at least 0") ??
    (given.onWait === undefined || typeof given.onWait === "function" ? undefined : "onWait must be a function");
  if (problem !== undefined) throw error({ code: "invalid_argument", retryable: false, description: problem }, 0);
  return { request: { endpoint, origin, clientId, clientSecret, form: makeForm(accessToken ?? "") }, redact, error };
}

/** Callers from JavaScript can pass anything. */
export function unchecked<T>(options: T | null | undefined): Partial<Record<keyof T, unknown>> {
  return options ?? {};
}

/** The text that was given; empty, which is never valid, where it is none. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isOptionalSignal(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
}

function isRetryTimeout(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value >= 0 && value < Infinity);
}

function problemOf(name: string, parsed: object): string | undefined {
  return "problem" in parsed ? `${name} ${String(parsed.problem)}` : undefined;
}

/** Carries a call through its attempts; `read` tells what an answer means. */
export async function execute<T>(
  call: Call,
  { signal, waitSignal, retryTimeoutMs, onWait }: CallOptions,
  settings: ClientSettings,
  read: (answer: HttpResponse) => Attempt<T>,
  expiry?: TokenExpiry,
): Promise<Exclude<Outcome<T>, { failure: unknown }>> {
  const { request, redact } = call;
  const { endpoint, origin, clientId } = request;
  const attempt = async (): Promise<Attempt<T>> => {
    const result = await send(request, { signal, timeouts: settings.timeouts, clock: settings.clock });
    const outcome = "answer" in result ? read(result.answer) : result;
    const told = "answer" in result && settings.atlasClock.learn(header(result.answer, "date"));
    if (!("failure" in outcome)) return outcome;
    const { code, retryable } = outcome.failure;
    if (!told && (retryable || code === "unreachable")) settings.atlasClock.noteUnreachable(origin);
    return { failure: cleaned(outcome.failure, redact) };
  };
  const outcome = await withRetry({
    queue: queueFor(request, settings),
    clock: settings.clock,
    random: settings.random,
    timeouts: retryTimeoutMs === undefined ? settings.retryTimeouts : retryTimeouts(retryTimeoutMs),
    signal,
    waitSignal,
    remainingMs: expiry && (() => expiry.remainingMs()),
    onWait: (wait) => {
      // Somebody may have taken the secret for the client id.
      onWait?.({ ...wait, endpoint, origin, clientId: redact.redact(clientId) });
    },
    attempt: async () => {
      if (expiry === undefined) return attempt();
      return (await expiry.guard((probe) => untilAborted(probe, signal), attempt)) ?? { expired: true };
    },
  });
  if ("failure" in outcome) throw call.error(outcome.failure, outcome.attempts);
  return outcome;
}

/** Waits for an attempt of another call, or until the caller's own signal ends the wait. */
async function untilAborted(probe: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let cancel: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (cancel = onAbort(signal, resolve)));
  if (signal?.aborted !== true) await Promise.race([probe, aborted]);
  cancel();
}

function queueFor({ origin, endpoint, clientId }: Request, { queues, clock }: ClientSettings): RequestQueue {
  const key = JSON.stringify([origin, endpoint, clientId]);
  let queue = queues.get(key);
  if (queue === undefined) queues.set(key, (queue = new RequestQueue(clock)));
  return queue;
}

/** Takes what is secret or unprintable out of everything that the server said. */
function cleaned(failure: Failure, redact: Redactor): Failure {
  const { description, serviceVersion, ...rest } = failure;
  const words = redact.sanitize(description);
  const version = redact.sanitize(serviceVersion);
  return {
    ...rest,
    ...(words === undefined ? {} : { description: words }),
    ...(version === undefined ? {} : { serviceVersion: version }),
  };
}
