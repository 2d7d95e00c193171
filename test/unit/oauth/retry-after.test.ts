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
  const rows: { value: string | string[] | undefined; seconds: number | undefined; description: string }[] = [
    { value: undefined, seconds: undefined, description: "nothing" },
    { value: [], seconds: undefined, description: "no header at all" },
    { value: "42", seconds: 42, description: "seconds" },
    { value: "0", seconds: 0, description: "no time at all" },
    { value: " 7\t", seconds: 7, description: "seconds between blanks" },
    { value: "007", seconds: 7, description: "seconds with zeros before" },
    { value: "31536000", seconds: 31_536_000, description: "a year" },
    { value: ["5", "42", "7"], seconds: 42, description: "several headers" },
    { value: "5, 42,7", seconds: 42, description: "several in one header" },
    { value: ["x", "-1", "3"], seconds: 3, description: "several of which one makes sense" },
    { value: "Sun, 01 Nov 2026 12:00:42 GMT", seconds: 42, description: "a date" },
    { value: " Sun, 01 Nov 2026 12:00:42 GMT ", seconds: 42, description: "a date between blanks" },
    { value: date, seconds: 0, description: "the date of the answer itself" },
    { value: ["5", "Sun, 01 Nov 2026 12:00:42 GMT"], seconds: 42, description: "seconds, and a later date" },
    { value: ["50", "Sun, 01 Nov 2026 12:00:42 GMT"], seconds: 50, description: "more seconds, and an earlier date" },
    {
      value: "Sun, 01 Nov 2026 12:00:42 GMT, 50",
      seconds: 50,
      description: "a date, and more seconds, in one header",
    },
    {
      value: "Sun, 01 Nov 2026 12:00:42 GMT, Sun, 01 Nov 2026 12:00:43 GMT",
      seconds: 43,
      description: "two dates in one header",
    },
    { value: "Sun, 01 Nov 2026 11:59:59 GMT", seconds: undefined, description: "a date that is over" },
    { value: "-1", seconds: undefined, description: "a negative number" },
    { value: "1.5", seconds: undefined, description: "a fraction" },
    { value: "1e3", seconds: undefined, description: "an exponent" },
    { value: "0x10", seconds: undefined, description: "a hexadecimal number" },
    { value: "+5", seconds: undefined, description: "a sign" },
    { value: "٤٢", seconds: undefined, description: "digits of another script" },
    { value: "Infinity", seconds: undefined, description: "infinity as a word" },
    { value: "", seconds: undefined, description: "an empty header" },
    { value: ",", seconds: undefined, description: "a comma" },
    { value: "soon", seconds: undefined, description: "a word" },
    { value: "Monday", seconds: undefined, description: "a day without a time" },
    { value: "Mon 5", seconds: undefined, description: "a day and a number" },
    { value: "Sun, 32 Nov 2026 12:00:00 GMT", seconds: undefined, description: "a day that does not exist" },
    { value: "2026-11-01T12:00:42Z", seconds: undefined, description: "a date in another format" },
    { value: "9".repeat(400), seconds: Infinity, description: "more digits than a number can hold" },
  ];
  for (const { value, seconds, description } of rows) {
    it(`reads ${description} as ${seconds ?? "missing"}`, () => {
      assert.equal(parseRetryAfter(value, date), seconds);
    });
  }

  for (const { form, at } of forms) {
    for (const other of forms) {
      it(`reads a date in the form of ${form} relative to a Date in that of ${other.form}, in any time zone`, () => {
        for (const zone of zones) {
          inZone(zone, () => assert.equal(parseRetryAfter(at("12:00:42"), other.at("12:00:00")), 42));
        }
      });
    }
  }

  for (const wrong of [undefined, "", "yesterday", "5"]) {
    it(`takes a date relative to this machine's clock where Date is ${wrong ?? "missing"}`, () => {
      const inAMinute = new Date(Date.now() + 60_000).toUTCString();
      const seconds = parseRetryAfter(inAMinute, wrong);
      assert.ok(seconds !== undefined && seconds > 0 && seconds <= 60, String(seconds));
    });
  }

  it("rounds a part of a second up", () => {
    mock.method(Date, "now", () => time + 500);
    try {
      assert.equal(parseRetryAfter("Sun, 01 Nov 2026 12:00:42 GMT", undefined), 42);
    } finally {
      mock.restoreAll();
    }
  });

  it("never throws and never answers with less than nothing", () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((each) => each.toUTCString()),
    );
    const value = fc.oneof(text, fc.array(text), fc.constant(undefined));
    fc.assert(
      fc.property(value, fc.option(text, { nil: undefined }), (value, date) => {
        const seconds = parseRetryAfter(value, date);
        assert.ok(seconds === undefined || seconds >= 0);
      }),
    );
  });

  it("reads any whole number of seconds", () => {
    fc.assert(fc.property(fc.nat(), (seconds) => assert.equal(parseRetryAfter(String(seconds), date), seconds)));
  });
});

describe("parseHttpDate", () => {
  for (const { form, at } of forms) {
    it(`reads the form of ${form}, in any time zone`, () => {
      assert.equal(parseHttpDate(at("12:00:00")), time);
      for (const zone of zones) inZone(zone, () => assert.equal(parseHttpDate(at("12:00:00")), time));
    });
  }

  const rows = [undefined, "", "5", "2026", "garbage 1", "Sun", "Sun, 99 Nov 2026 12:00:00 GMT", "2026-11-01"];
  for (const text of rows) {
    it(`does not take ${text === undefined ? "nothing" : `"${text}"`} for a date`, () => {
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
