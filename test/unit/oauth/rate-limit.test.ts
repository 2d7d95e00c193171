import assert from "node:assert/strict";
import fc from "fast-check";

import { parseRateLimit } from "../../../provider/oauth/rate-limit";
import { minute } from "../../support/oauth/times";

function parse(body: unknown, headers: Readonly<Record<string, string | string[]>> = {}): unknown {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return parseRateLimit({ status: 429, headers, body: text, complete: true });
}

describe("parseRateLimit", () => {
  const words = (text: string): object => ({ error: "rate_limited", error_description: text });
  const bucket = (...parameters: unknown[]): object => ({ errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters });
  const rows: { body: unknown; headers?: Record<string, string | string[]>; expected: [number, number] | undefined }[] =
    [
      {
        body: words("Resource /api/oauth/token is limited to 10 requests every 1 minutes."),
        expected: [10, minute],
      },
      { body: words("Resource / is limited to 50 requests every 2 minutes."), expected: [50, 2 * minute] },
      { body: { detail: "Resource / is limited to 1 request every 30 seconds." }, expected: [1, 30_000] },
      { body: { status: 429, content: words("limited to 5 requests every 1 hours") }, expected: [5, 60 * minute] },
      { body: words("Resource / is limited to 0 requests every 1 minutes."), expected: undefined },
      { body: words("Resource / is limited to 10 requests every 0 minutes."), expected: undefined },
      { body: words("Too many requests."), expected: undefined },
      { body: bucket("/api/oauth/token", 6, 10, 2, 12), expected: [2, 12_000] },
      { body: { status: 429, content: bucket("/", "6", "10", "10", "60") }, expected: [10, minute] },
      { body: bucket("/", 6, 10), expected: undefined },
      { body: bucket("/", 6, 10, {}, "soon"), expected: undefined },
      { body: { errorCode: "RATE_LIMITED", parameters: ["/", 6, 10, 10, 60] }, expected: undefined },
      { body: "", headers: { "ratelimit-limit": "10" }, expected: [10, minute] },
      { body: "", headers: { "ratelimit-limit": ["20", "10"] }, expected: [20, minute] },
      { body: "", headers: { "ratelimit-limit": "100, 100;w=30" }, expected: [100, 30_000] },
      {
        body: "",
        headers: { "ratelimit-policy": '"default";q=7;w=20', "ratelimit-limit": "9" },
        expected: [7, 20_000],
      },
      { body: "", headers: { "ratelimit-limit": "many" }, expected: undefined },
      { body: "", headers: { "ratelimit-limit": "0" }, expected: undefined },
      {
        body: words("limited to 10 requests every 1 minutes"),
        headers: { "ratelimit-limit": "9" },
        expected: [10, minute],
      },
      { body: "<html>", expected: undefined },
    ];
  for (const { body, headers, expected } of rows) {
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
