import assert from "node:assert/strict";

import fc from "fast-check";

import { formatSpan, parseDuration } from "../../provider/duration";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a duration in Go's format", () => {
  const rows: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["0s", 0],
    ["0h0m0s", 0],
    ["90s", 90 * SECOND],
    ["10m", 10 * MINUTE],
    ["59m30s", 59 * MINUTE + 30 * SECOND],
    ["1h30m", 90 * MINUTE],
    ["1h1m1s1ms", HOUR + MINUTE + SECOND + 1],
    ["1m1h", HOUR + MINUTE],
    ["10m10m", 20 * MINUTE],
    ["1.5h", 90 * MINUTE],
    [".5h", 30 * MINUTE],
    ["1.m", MINUTE],
    ["1500ms", 1.5 * SECOND],
    ["010m", 10 * MINUTE],
    ["+10m", 10 * MINUTE],
    ["1000us", 1],
    ["1000µs", 1],
    ["1000μs", 1],
    ["1000000ns", 1],
  ];
  for (const [text, milliseconds] of rows) {
    it(`${text} is ${milliseconds} ms`, () => {
      assert.ok(Math.abs(parseDuration(text)! - milliseconds) < 1e-6, String(parseDuration(text)));
    });
  }

  const none = [
    ...["", " ", "10", "00", "m", "s", ".", ".s", "-10m", "- 10m", "10 m", " 10m", "10m ", "10m 30s", "10m,30s"],
    ...[
      "10M",
      "10H",
      "10min",
      "10sec",
      "1d",
      "1w",
      "1e3s",
      "0x10s",
      "1_000s",
      "1h30",
      "30 ",
      "1..5h",
      "1.2.3h",
      "10mm",
    ],
    ...["never", "Infinity", "NaN", "Infinitys", "P10M", "00:10:00", "ten minutes", "10m\n", "\n10m", "1h-30m"],
    `${"9".repeat(400)}h`,
  ];
  for (const text of none) {
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(parseDuration(text), undefined));
  }

  it("is read the same again after it was read before", () => {
    assert.deepEqual(["1h", "1h", "x", "1h"].map(parseDuration), [HOUR, HOUR, undefined, HOUR]);
  });

  it("adds up, whatever the parts", () => {
    const part = fc.tuple(fc.nat(10_000), fc.constantFrom(["ms", 1], ["s", SECOND], ["m", MINUTE], ["h", HOUR]));
    fc.assert(
      fc.property(fc.array(part as fc.Arbitrary<[number, [string, number]]>, { minLength: 1 }), (parts) => {
        const text = parts.map(([amount, [unit]]) => `${amount}${unit}`).join("");
        assert.equal(
          parseDuration(text),
          parts.reduce((sum, [amount, [, milliseconds]]) => sum + amount * milliseconds, 0),
        );
      }),
    );
  });

  it("is a number that is not negative, or none, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const duration = parseDuration(text);
        assert.ok(duration === undefined || (duration >= 0 && Number.isFinite(duration)));
      }),
    );
  });
});

describe("a span of time in words", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, "0 s"],
    [-5 * MINUTE, "0 s"],
    [499, "0 s"],
    [500, "1 s"],
    [45 * SECOND, "45 s"],
    [99 * SECOND, "99 s"],
    [99_499, "99 s"],
    [99_500, "2 min"],
    [100 * SECOND, "2 min"],
    [9 * MINUTE, "9 min"],
    [9 * MINUTE + 29 * SECOND, "9 min"],
    [9 * MINUTE + 30 * SECOND, "10 min"],
    [HOUR, "60 min"],
    [99 * MINUTE, "99 min"],
    [100 * MINUTE, "1 h 40 min"],
    [2 * HOUR, "2 h"],
    [2 * HOUR + MINUTE, "2 h 1 min"],
    [2 * HOUR - 20 * SECOND, "2 h"],
    [47 * HOUR + 59 * MINUTE, "47 h 59 min"],
    [48 * HOUR, "2 d"],
    [59 * HOUR, "2 d"],
    [60 * HOUR, "3 d"],
    [365 * DAY, "365 d"],
  ];
  for (const [milliseconds, expected] of rows) {
    it(`of ${milliseconds} ms is ${expected}`, () => assert.equal(formatSpan(milliseconds), expected));
  }
});
