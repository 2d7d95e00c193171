import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";

import { parseHttpDate, parseRetryAfter } from "../../../provider/oauth/retry-after";

const date = "Sun, 01 Nov 2026 12:00:00 GMT";
const time = Date.UTC(2026, 10, 1, 12);

/** RFC 9110 section 5.6.7: the form that is sent, and two that a recipient must still read. */
const forms = [
  { form: "IMF-fixdate", at: (text: string) => `Sun, 01 Nov 2026 ${text} GMT` },
  { form: "RFC 850", at: (text: string) => `Sunday, 01-Nov-26 ${text} GMT` },
  { form: "asctime", at: (text: string) => `Sun Nov  1 ${text} 2026` },
];

/** None of these is UTC; the last has no whole hours. */
const zones = ["America/New_York", "Asia/Tokyo", "Asia/Kathmandu"];

/** Runs a function on a machine of another time zone. */
function inZone(zone: string, run: () => void): void {
  const before = process.env["TZ"];
  process.env["TZ"] = zone;
  try {
    assert.notEqual(new Date(time).getTimezoneOffset(), 0);
    run();
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
}

describe("parseRetryAfter", () => {
  const later = (text: string): string => `Sun, 01 Nov 2026 ${text} GMT`;
  const rows: [value: string | string[] | undefined, seconds: number | undefined][] = [
    [undefined, undefined],
    [[], undefined],
    ["42", 42],
    ["0", 0],
    [" 7\t", 7],
    ["007", 7],
    [["5", "42", "7"], 42],
    ["5, 42,7", 42],
    [["x", "-1", "3"], 3],
    [` ${later("12:00:42")} `, 42],
    [date, 0],
    [["5", later("12:00:42")], 42],
    [`${later("12:00:42")}, 50`, 50],
    [`${later("12:00:42")}, ${later("12:00:43")}`, 43],
    [later("11:59:59"), undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["+5", undefined],
    ["٤٢", undefined],
    ["Infinity", undefined],
    ["", undefined],
    [",", undefined],
    ["soon", undefined],
    ["Monday", undefined],
    ["Mon 5", undefined],
    ["Sun, 32 Nov 2026 12:00:00 GMT", undefined],
    ["2026-11-01T12:00:42Z", undefined],
    ["9".repeat(400), Infinity],
  ];
  for (const [value, seconds] of rows) {
    it(`reads ${JSON.stringify(value ?? null).slice(0, 70)} as ${seconds ?? "missing"}`, () => {
      assert.equal(parseRetryAfter(value, date), seconds);
    });
  }

  for (const { form, at } of forms) {
    it(`reads a date in the form of ${form} relative to a Date in any form, in any time zone`, () => {
      for (const zone of zones) {
        for (const other of forms) {
          inZone(zone, () => assert.equal(parseRetryAfter(at("12:00:42"), other.at("12:00:00")), 42));
        }
      }
    });
  }

  it("takes a date relative to this machine's clock if Date is missing or invalid, and rounds up", () => {
    mock.method(Date, "now", () => time + 500);
    try {
      for (const wrong of [undefined, "", "yesterday", "5"])
        assert.equal(parseRetryAfter(later("12:00:42"), wrong), 42);
    } finally {
      mock.restoreAll();
    }
  });

  it("never throws, never returns less than 0, and reads any whole number of seconds", () => {
    const text = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((each) => each.toUTCString()),
    );
    const value = fc.oneof(text, fc.array(text), fc.constant(undefined));
    fc.assert(
      fc.property(value, fc.option(text, { nil: undefined }), fc.nat(), (value, date, seconds) => {
        assert.ok((parseRetryAfter(value, date) ?? 0) >= 0);
        assert.equal(parseRetryAfter(String(seconds), date), seconds);
      }),
    );
  });
});

describe("parseHttpDate", () => {
  for (const { form, at } of forms) {
    it(`reads the form of ${form}, in any time zone`, () => {
      assert.equal(parseHttpDate(at("12:00:00")), time);
      for (const zone of zones) inZone(zone, () => assert.equal(parseHttpDate(at("12:00:00")), time));
    });
  }

  for (const text of [undefined, "", "5", "2026", "garbage 1", "Sun", "Sun, 99 Nov 2026 12:00:00 GMT", "2026-11-01"]) {
    it(`does not read ${JSON.stringify(text ?? null)} as a date`, () => {
      assert.equal(parseHttpDate(text), undefined);
    });
  }

  it("reads back every date of four digits that JavaScript writes", () => {
    const date = fc.date({ min: new Date(Date.UTC(1000, 0)), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true });
    fc.assert(
      fc.property(date, (each) => {
        assert.equal(parseHttpDate(each.toUTCString()), Math.floor(each.getTime() / 1000) * 1000);
      }),
    );
  });
});
