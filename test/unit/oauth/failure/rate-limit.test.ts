import assert from "node:assert/strict";
import fc from "fast-check";

import { parseRateLimit, type RateLimit } from "../../../../provider/oauth/failure/rate-limit";
import { minute } from "../../../support/oauth/times";

type Headers = Readonly<Record<string, string | string[]>>;

function parse(body: unknown, headers: Headers = {}): RateLimit | undefined {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return parseRateLimit({ status: 429, headers, body: text, complete: true });
}

describe("parseRateLimit", () => {
  const words = (text: string): object => ({ error: "rate_limited", error_description: text });
  const bucket = (...parameters: unknown[]): object => ({ errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters });
  /** The body, the requests and milliseconds that it states, and headers. */
  const rows: readonly (readonly [unknown, readonly [number, number] | undefined, Headers?])[] = [
    [words("Resource /api/oauth/token is limited to 10 requests every 1 minutes."), [10, minute]],
    [words("Resource / is limited to 50 requests every 2 minutes."), [50, 2 * minute]],
    [{ detail: "Resource / is limited to 1 request every 30 seconds." }, [1, 30_000]],
    [{ status: 429, content: words("limited to 5 requests every 1 hours") }, [5, 60 * minute]],
    [words("Resource / is limited to 0 requests every 1 minutes."), undefined],
    [words("Resource / is limited to 10 requests every 0 minutes."), undefined],
    [words("Too many requests."), undefined],
    [words("limited to 1.5 requests every 0.5 seconds"), [2, 667]],
    [words("limited to 1 requests every 60 minutes"), [1, 60 * minute]],
    [words("limited to 1 requests every 61 minutes"), undefined],
    [words("limited to 1 requests every 999999 hours"), undefined],
    [words(`limited to ${"9".repeat(17)} requests every 1 minutes`), undefined],
    [words(`limited to ${"9".repeat(400)} requests every 1 minutes`), undefined],
    [words("limited to -5 requests every 1 minutes"), undefined],
    [words("limited to 1e3 requests every 1 minutes"), undefined],
    [bucket("/api/oauth/token", 6, 10, 2, 12), [2, 12_000]],
    [{ status: 429, content: bucket("/", "6", "10", "10", "60") }, [10, minute]],
    [bucket("/", 6, 10, 1.5, 1), [2, 1_334]],
    [bucket("/", 6, 10, "0.5", "1e1"), [1, 20_000]],
    [bucket("/", 6, 10, 1, 0.25), [1, 250]],
    [bucket("/", 6, 10, 0.001, 3.6), [1, 60 * minute]],
    [bucket("/", 6, 10, 0.001, 3.7), undefined],
    [bucket("/", 6, 10, -2, -2), undefined],
    [bucket("/", 6, 10, NaN, 60), undefined],
    ['{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/",6,10,1e999,1]}', undefined],
    ['{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/",6,10,1,1e999]}', undefined],
    [bucket("/", 6, 10), undefined],
    [bucket("/", 6, 10, {}, "soon"), undefined],
    [{ errorCode: "RATE_LIMITED", parameters: ["/", 6, 10, 10, 60] }, undefined],
    ["", [10, minute], { "ratelimit-limit": "10" }],
    ["", [20, minute], { "ratelimit-limit": ["20", "10"] }],
    ["", [100, 30_000], { "ratelimit-limit": "100, 100;w=30" }],
    ["", [7, 20_000], { "ratelimit-policy": '"default";q=7;w=20', "ratelimit-limit": "9" }],
    ["", [2, 667], { "ratelimit-policy": "q=1.5;w=0.5" }],
    ["", [5, 1_000], { "ratelimit-limit": "5, 5 ; w=1 ; burst=9" }],
    ["", undefined, { "ratelimit-policy": "q=10;w=86400" }],
    ["", undefined, { "ratelimit-policy": "q=0;w=10" }],
    ["", undefined, { "ratelimit-policy": "q=-1;w=10" }],
    ["", undefined, { "ratelimit-policy": "q=1e3" }],
    ["", undefined, { "ratelimit-limit": "1e3" }],
    ["", undefined, { "ratelimit-limit": "9".repeat(400) }],
    [words("limited to 0 requests every 1 minutes"), [9, minute], { "ratelimit-limit": "9" }],
    ["", undefined, { "ratelimit-limit": "many" }],
    ["", undefined, { "ratelimit-limit": "0" }],
    [words("limited to 10 requests every 1 minutes"), [10, minute], { "ratelimit-limit": "9" }],
    ["<html>", undefined],
  ];
  for (const [body, expected, headers] of rows) {
    it(`reads ${JSON.stringify({ body, headers })} as ${JSON.stringify(expected ?? null)}`.slice(0, 100), () => {
      const limit = expected && { requests: expected[0], windowMs: expected[1] };
      assert.deepEqual(parse(body, headers), limit);
    });
  }

  it("reads anything without throwing, and only whole limits in at most an hour that keep the pace", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.float().map(String), fc.anything());
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.double(), fc.double()).map(([q, w]) => `q=${q};w=${w}`),
    );
    fc.assert(
      fc.property(fc.json(), header, number, number, (body, header, refill, seconds) => {
        for (const limit of [parse(body, { "ratelimit-limit": header }), parse(bucket("/", 6, 10, refill, seconds))]) {
          if (limit === undefined) continue;
          const { requests, windowMs } = limit;
          assert.ok(Number.isSafeInteger(requests) && requests >= 1, String(requests));
          assert.ok(Number.isSafeInteger(windowMs) && windowMs >= 1 && windowMs <= 60 * minute, String(windowMs));
        }
      }),
    );
  });
});
