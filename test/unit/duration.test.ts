import assert from "node:assert/strict";

import fc from "fast-check";

import { formatSpan, parseDuration } from "../../provider/duration";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a duration in Go's format", () => {
  const rows: Readonly<Record<string, number>> = {
    "0": 0,
    "0h0m0s": 0,
    "59m30s": 59 * MINUTE + 30_000,
    "1h1m1s1ms": HOUR + MINUTE + 1_001,
    "1m1h": HOUR + MINUTE,
    "10m10m": 20 * MINUTE,
    "1.5h": 90 * MINUTE,
    ".5h": 30 * MINUTE,
    "1.m": MINUTE,
    "010m": 10 * MINUTE,
    "+10m": 10 * MINUTE,
    "1000us": 1,
    "1000µs": 1,
    "1000μs": 1,
    "1000000ns": 1,
  };
  for (const [text, milliseconds] of Object.entries(rows)) {
    it(`${text} is ${milliseconds} ms`, () => {
      assert.ok(Math.abs(parseDuration(text)! - milliseconds) < 1e-6, String(parseDuration(text)));
    });
  }

  it("is nothing else", () => {
    const words =
      "10 00 m .s -10m 10m,30s 10M 10min 1d 1e3s 0x10s 1h30 1..5h 1.2.3h 10mm never Infinitys PT10M 00:10:00 1h-30m";
    const others = [...words.split(" "), "", " ", "10 m", " 10m", "10m ", "10m\n", "2562048h", `${"9".repeat(400)}h`];
    const accepted = others.filter((text) => parseDuration(text) !== undefined);
    assert.deepEqual(accepted, []);
  });

  it("adds up its parts, in any order", () => {
    const units = { h: HOUR, m: MINUTE, s: 1_000, ms: 1 } as const;
    const part = fc.tuple(fc.nat(999), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const expected = parts.reduce((sum, [amount, unit]) => sum + amount * units[unit], 0);
        assert.equal(parseDuration(parts.map(([amount, unit]) => `${amount}${unit}`).join("")), expected);
      }),
    );
  });
});

describe("a span of time", () => {
  const rows: readonly (readonly [number, string])[] = [
    [-5_000, "0 s"],
    [499, "0 s"],
    [99_499, "99 s"],
    [99_500, "2 min"],
    [99 * MINUTE, "99 min"],
    [100 * MINUTE, "1 h 40 min"],
    [2 * HOUR, "2 h"],
    [47 * HOUR + 59 * MINUTE, "47 h 59 min"],
    [48 * HOUR, "2 d"],
    [328 * 24 * HOUR, "328 d"],
  ];
  for (const [milliseconds, expected] of rows) {
    it(`of ${milliseconds} ms is ${expected}`, () => assert.equal(formatSpan(milliseconds), expected));
  }
});
