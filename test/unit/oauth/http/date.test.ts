import assert from "node:assert/strict";
import fc from "fast-check";

import { parseHttpDate } from "../../../../provider/oauth/http/date";

const date = "Sun, 01 Nov 2026 12:00:00 GMT";
const time = Date.UTC(2026, 10, 1, 12);

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
