import { header, type HttpResponse } from "../http/response";
import { asObject, jsonObject } from "../lib/json";

/** A rate limit: so many requests in any span of that length. */
export interface RateLimit {
  /** The number of requests. */
  readonly requests: number;
  /** The length of the span, in milliseconds. */
  readonly windowMs: number;
}

/** The span that Atlas documents for its limits, in milliseconds: assumed until a response says otherwise. */
export const DOCUMENTED_WINDOW_MS = 60_000;

const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000 };
/** The documented words: "Resource /api/oauth/token is limited to 10 requests every 1 minutes." */
const WORDS = /limited to (\d+) requests? every (\d+) (second|minute|hour)s?/i;

/**
 * Reads the rate limit that a 429 states: in words, as the parameters of a token bucket, or in the headers `RateLimit-Policy`
 * and `RateLimit-Limit`. Undefined if it states none that makes sense.
 *
 * @see https://www.mongodb.com/docs/atlas/api/atlas-admin-api-ref/ and draft-ietf-httpapi-ratelimit-headers
 */
export function parseRateLimit(response: HttpResponse): RateLimit | undefined {
  const limits = [fromWords(response.body), fromTokenBucket(response.body), fromHeaders(response)];
  return limits.find((limit) => limit !== undefined && limit.requests >= 1 && limit.windowMs > 0);
}

function fromWords(body: string): RateLimit | undefined {
  const [, requests, amount, unit = ""] = WORDS.exec(body) ?? [];
  if (requests === undefined) return undefined;
  return { requests: Number(requests), windowMs: Number(amount) * UNITS[unit.toLowerCase() as keyof typeof UNITS] };
}

/** `parameters` are the path, the wait, the bucket's capacity, how much it is refilled by, and every how many seconds. */
function fromTokenBucket(body: string): RateLimit | undefined {
  const json = jsonObject(body);
  const { errorCode, parameters } = asObject(json?.["content"]) ?? json ?? {};
  if (errorCode !== "RATE_LIMITED_TOKEN_BUCKET" || !Array.isArray(parameters)) return undefined;
  const [refill, seconds] = parameters.slice(3).map(toNumber);
  return { requests: refill ?? NaN, windowMs: (seconds ?? NaN) * 1_000 };
}

function toNumber(value: unknown): number {
  return typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
}

function fromHeaders(response: HttpResponse): RateLimit | undefined {
  const policy = header(response, "ratelimit-policy") ?? header(response, "ratelimit-limit") ?? "";
  const requests = /\bq=(\d+)/.exec(policy)?.[1] ?? /^\s*(\d+)/.exec(policy)?.[1];
  const seconds = /\bw=(\d+)/.exec(policy)?.[1];
  if (requests === undefined) return undefined;
  return {
    requests: Number(requests),
    windowMs: seconds === undefined ? DOCUMENTED_WINDOW_MS : Number(seconds) * 1_000,
  };
}
