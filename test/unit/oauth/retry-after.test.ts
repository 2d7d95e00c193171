import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";

import { parseHttpDate, parseRetryAfter } from "../../../provider/oauth/retry-after";

const date = "Sun, 01 Nov 2026 12:00:00 GMT";
const time = Date.UTC(2026, 10, 1, 12);

describe("parseRetryAfter", () => {
  const later = (text: string): string => `Sun, 01 Nov 2026 ${text} GMT`;
  const rows: [value: string | string[], seconds: number][] = [
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
    ["Sunday, 01-Nov-26 12:00:42 GMT", 42],
    [`${later("12:00:42")}, 50`, 50],
    [`${later("12:00:42")}, ${later("12:00:43")}`, 43],
    ["9".repeat(400), Infinity],
  ];
  for (const [value, seconds] of rows) {
    it(`reads ${JSON.stringify(value).slice(0, 70)} as ${seconds}`, () => {
      assert.equal(parseRetryAfter(value, date), seconds);
    });
  }

  it("reads nothing else", () => {
    const others = [
      ...[undefined, [], "", ",", "-1", "1.5", "1e3", "0x10", "+5", "٤٢", "Infinity", "soon", "Monday", "Mon 5"],
      ...[later("11:59:59"), "Sun, 32 Nov 2026 12:00:00 GMT", "2026-11-01T12:00:42Z"],
    ];
    for (const value of others) assert.equal(parseRetryAfter(value, date), undefined, JSON.stringify(value));
  });

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
  // RFC 9110 section 5.6.7: the form that is sent, and two that a recipient must still read.
  for (const text of [date, "Sunday, 01-Nov-26 12:00:00 GMT", "Sun Nov  1 12:00:00 2026"]) {
    it(`reads ${text} in any time zone`, () => {
      const before = process.env["TZ"];
      try {
        // The last has no whole hours.
        for (const zone of ["UTC", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu"]) {
          process.env["TZ"] = zone;
          assert.equal(new Date(time).getTimezoneOffset() === 0, zone === "UTC");
          assert.equal(parseHttpDate(text), time);
        }
      } finally {
        if (before === undefined) delete process.env["TZ"];
        else process.env["TZ"] = before;
      }
    });
  }

  it("reads nothing else as a date", () => {
    const others = [undefined, "", "5", "2026", "garbage 1", "Sun", "Sun, 99 Nov 2026 12:00:00 GMT", "2026-11-01"];
    for (const text of others) assert.equal(parseHttpDate(text), undefined, text);
  });

  it("reads back every date of four digits that JavaScript writes", () => {
    const date = fc.date({ min: new Date(Date.UTC(1000, 0)), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true });
    fc.assert(
      fc.property(date, (each) => {
        assert.equal(parseHttpDate(each.toUTCString()), Math.floor(each.getTime() / 1000) * 1000);
      }),
    );
  });
});
