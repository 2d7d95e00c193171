import assert from "node:assert/strict";
import fc from "fast-check";

import { readLifetime } from "../../../../provider/oauth/input/lifetime";

const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

function jwt(claims: unknown): string {
  const text = typeof claims === "string" ? claims : JSON.stringify(claims);
  return `e30.${Buffer.from(text).toString("base64url")}.c2ln`;
}

describe("readLifetime", () => {
  for (const [description, token, times] of [
    ["both times", jwt({ iat: 100, exp: 3700 }), { issuedAt: 100_000, expiresAt: 3_700_000 }],
    ["exp alone, with a fraction", jwt({ exp: 1.5 }), { expiresAt: 1500 }],
    ["iat alone", jwt({ iat: 100 }), { issuedAt: 100_000 }],
    ["no signature", jwt({ exp: 37 }).replace(/\.[^.]*$/, ""), { expiresAt: 37_000 }],
    ["padded base64", `x.${Buffer.from('{"exp":37}').toString("base64")}.y`, { expiresAt: 37_000 }],
    ["the last moment that can be written", jwt({ exp: lastMoment / 1000 }), { expiresAt: lastMoment }],
    ["a moment later", jwt({ exp: lastMoment / 1000 + 1 }), {}],
    ["milliseconds instead of seconds", jwt({ exp: Date.UTC(2026, 10, 1) }), {}],
    ["the first moment", jwt({ exp: 0.001 }), { expiresAt: 1 }],
    ["times of 0 or less", jwt({ iat: 0, exp: -1 }), {}],
    ["times that are not numbers", jwt({ iat: "100", exp: { valueOf: 3700 } }), {}],
    ["a time beyond every number", jwt('{"exp":1e400}'), {}],
    ["claims behind __proto__", jwt('{"__proto__":{"exp":3700}}'), {}],
    ["claims that are an array", jwt([3700]), {}],
    ["claims that are not JSON", jwt("exp=3700"), {}],
    ["an opaque token", "opaque", {}],
  ] as const) {
    it(`reads ${description}`, () => assert.deepEqual(readLifetime(token), times));
  }

  it("never throws, and every time that it reads can be written as RFC 3339", () => {
    const claim = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.jsonValue());
    const claims = fc.oneof(fc.record({ iat: claim, exp: claim }), fc.json()).map(jwt);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), claims), (token) => {
        const { issuedAt = 1, expiresAt = 1 } = readLifetime(token);
        for (const time of [issuedAt, expiresAt]) assert.match(new Date(time).toISOString(), /^\d{4}-\d\d-\d\dT/);
      }),
    );
  });
});
