import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";

import { parseRetryAfter } from "../../../../provider/oauth/failure/retry-after";

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
