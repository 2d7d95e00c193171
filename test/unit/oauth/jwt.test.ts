import assert from "node:assert/strict";
import fc from "fast-check";

import { readLifetime, validTime } from "../../../provider/oauth/jwt";

const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

function jwt(claims: unknown): string {
  const part = (value: unknown): string =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.${part("signature")}`;
}

describe("readLifetime", () => {
  const rows = [
    {
      description: "both times",
      token: jwt({ iat: 100, exp: 3700 }),
      times: { issuedAt: 100_000, expiresAt: 3_700_000 },
    },
    { description: "exp alone", token: jwt({ exp: 3700 }), times: { expiresAt: 3_700_000 } },
    { description: "iat alone", token: jwt({ iat: 100 }), times: { issuedAt: 100_000 } },
    { description: "a time with a fraction", token: jwt({ exp: 1.5 }), times: { expiresAt: 1500 } },
    { description: "no signature", token: jwt({ exp: 3700 }).replace(/\.[^.]*$/, ""), times: { expiresAt: 3_700_000 } },
    {
      description: "padded base64",
      token: `x.${Buffer.from('{"exp":37}').toString("base64")}.y`,
      times: { expiresAt: 37_000 },
    },
    {
      description: "the last moment that can be written",
      token: jwt({ exp: lastMoment / 1000 }),
      times: { expiresAt: lastMoment },
    },
    { description: "a moment later", token: jwt({ exp: lastMoment / 1000 + 1 }), times: {} },
    { description: "milliseconds where seconds belong", token: jwt({ exp: Date.UTC(2026, 10, 1) }), times: {} },
    { description: "a time of 0", token: jwt({ iat: 0, exp: 0 }), times: {} },
    { description: "a negative time", token: jwt({ exp: -1 }), times: {} },
    { description: "times as text", token: jwt({ iat: "100", exp: "3700" }), times: {} },
    { description: "times that are null", token: jwt({ iat: null, exp: null }), times: {} },
    { description: "times that are objects", token: jwt({ exp: { valueOf: 3700 } }), times: {} },
    { description: "a time beyond every number", token: jwt('{"exp":1e400}'), times: {} },
    { description: "claims behind __proto__", token: jwt('{"__proto__":{"exp":3700}}'), times: {} },
    { description: "claims that are an array", token: jwt([3700]), times: {} },
    { description: "claims that are no JSON", token: jwt("exp=3700"), times: {} },
    { description: "claims that are no base64", token: "a.!!!.c", times: {} },
    { description: "an opaque token", token: "opaque", times: {} },
    { description: "nothing", token: "", times: {} },
    { description: "dots", token: "...", times: {} },
  ];
  for (const { description, token, times } of rows) {
    it(`reads ${description}`, () => assert.deepEqual(readLifetime(token), times));
  }

  it("never throws, and every time it reads can be written as RFC 3339", () => {
    const claim = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.jsonValue());
    const token = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.record({ iat: claim, exp: claim }).map(jwt),
      fc.json().map(jwt),
    );
    fc.assert(
      fc.property(token, (each) => {
        const { issuedAt = 1, expiresAt = 1 } = readLifetime(each);
        for (const time of [issuedAt, expiresAt]) assert.match(new Date(time).toISOString(), /^\d{4}-\d\d-\d\dT/);
      }),
    );
  });
});

describe("validTime", () => {
  const rows = [
    { time: 1, valid: true },
    { time: lastMoment, valid: true },
    { time: lastMoment + 1, valid: false },
    { time: 0, valid: false },
    { time: -1, valid: false },
    { time: NaN, valid: false },
    { time: Infinity, valid: false },
  ];
  for (const { time, valid } of rows) {
    it(`${valid ? "accepts" : "refuses"} ${time}`, () => assert.equal(validTime(time), valid ? time : undefined));
  }
});
