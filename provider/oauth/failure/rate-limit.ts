import { header, type HttpResponse } from "../http/response";
import { asObject, jsonObject } from "../lib/json";

/** A rate limit: so many requests in any span of that length. */
export interface RateLimit {
  /** The number of requests: whole, and at least 1. */
  readonly requests: number;
  /** The length of the span, in milliseconds: whole, and at most an hour. */
  readonly windowMs: number;
}

/** The span that Atlas documents for its limits, in milliseconds: assumed until a response says otherwise. */
export const DOCUMENTED_WINDOW_MS = 60_000;
/** The longest span that is believed, in milliseconds: a token lives no longer. */
export const MAX_WINDOW_MS = 3_600_000;

const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000 };
/** The documented words: "Resource /api/oauth/token is limited to 10 requests every 1 minutes." */
const WORDS = /limited to (\d+(?:\.\d+)?) requests? every (\d+(?:\.\d+)?) (second|minute|hour)s?/i;
const NUMBER = String.raw`(\d+(?:\.\d+)?)\s*(?=[,;]|$)`;
const QUOTA = [new RegExp(String.raw`\bq=${NUMBER}`), new RegExp(String.raw`^\s*${NUMBER}`)];
const WINDOW = new RegExp(String.raw`\bw=${NUMBER}`);

/**
 * Reads the rate limit that a 429 states: in words, as the parameters of a token bucket, or in the headers `RateLimit-Policy`
 * and `RateLimit-Limit`. Undefined if it states none that makes sense.
 *
 * @see https://www.mongodb.com/docs/atlas/api/atlas-admin-api-ref/ and draft-ietf-httpapi-ratelimit-headers
 */
export function parseRateLimit(response: HttpResponse): RateLimit | undefined {
  return fromWords(response.body) ?? fromTokenBucket(response.body) ?? fromHeaders(response);
}

/** Makes a limit of any two numbers; undefined if they make no sense. */
function toLimit(requests: number, windowMs: number): RateLimit | undefined {
  if (!(requests > 0 && windowMs > 0)) return undefined;
  // A part of a request is a whole one in a longer span.
  const whole = Math.ceil(requests);
  const limit = { requests: whole, windowMs: Math.ceil((windowMs * whole) / requests) };
  return Number.isSafeInteger(whole) && limit.windowMs <= MAX_WINDOW_MS ? limit : undefined;
}

function fromWords(body: string): RateLimit | undefined {
  const [, requests, amount, unit = ""] = WORDS.exec(body) ?? [];
  return toLimit(Number(requests), Number(amount) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
}

/** `parameters` are the path, the wait, the bucket's capacity, how much it is refilled by, and every how many seconds. */
function fromTokenBucket(body: string): RateLimit | undefined {
  const json = jsonObject(body);
  const { errorCode, parameters } = asObject(json?.["content"]) ?? json ?? {};
  if (errorCode !== "RATE_LIMITED_TOKEN_BUCKET" || !Array.isArray(parameters)) return undefined;
  const [refill = NaN, seconds = NaN] = parameters.slice(3).map(toNumber);
  return toLimit(refill, seconds * 1_000);
}

function toNumber(value: unknown): number {
  return typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
}

function fromHeaders(response: HttpResponse): RateLimit | undefined {
  const policy = header(response, "ratelimit-policy") ?? header(response, "ratelimit-limit") ?? "";
  const requests = QUOTA.map((pattern) => pattern.exec(policy)?.[1]).find(Boolean);
  const seconds = WINDOW.exec(policy)?.[1];
  return toLimit(Number(requests), seconds === undefined ? DOCUMENTED_WINDOW_MS : Number(seconds) * 1_000);
}
