import assert from "node:assert/strict";
import fc from "fast-check";

import { parseRateLimit } from "../../../../provider/oauth/failure/rate-limit";
import { minute } from "../../../support/oauth/times";

type Headers = Readonly<Record<string, string | string[]>>;

function parse(body: unknown, headers: Headers = {}): unknown {
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
    [bucket("/api/oauth/token", 6, 10, 2, 12), [2, 12_000]],
    [{ status: 429, content: bucket("/", "6", "10", "10", "60") }, [10, minute]],
    [bucket("/", 6, 10), undefined],
    [bucket("/", 6, 10, {}, "soon"), undefined],
    [{ errorCode: "RATE_LIMITED", parameters: ["/", 6, 10, 10, 60] }, undefined],
    ["", [10, minute], { "ratelimit-limit": "10" }],
    ["", [20, minute], { "ratelimit-limit": ["20", "10"] }],
    ["", [100, 30_000], { "ratelimit-limit": "100, 100;w=30" }],
    ["", [7, 20_000], { "ratelimit-policy": '"default";q=7;w=20', "ratelimit-limit": "9" }],
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

  it("reads anything without throwing, and only limits that let something through", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), fc.array(fc.anything()), (body, header, parameters) => {
        for (const limit of [parse(body, { "ratelimit-limit": header }), parse(bucket(...parameters))]) {
          if (limit !== undefined) assert.ok((limit as { requests: number }).requests >= 1);
        }
      }),
    );
  });
});
