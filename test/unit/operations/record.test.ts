import assert from "node:assert/strict";
import { inspect } from "node:util";

import { formatTime, readRecord, sameInput, UNKNOWN, type InputName } from "../../../provider/operations/record";
import { nonsense } from "./nonsense";

const texts = ["name", "clientId", "clientSecret", "baseUrl", "renewBefore", "existingToken", "accessToken"] as const;
const noon = Date.UTC(2026, 10, 1, 12);

describe("the record of a state", () => {
  it("holds what the state holds, times in milliseconds", () => {
    const state = Object.fromEntries(texts.map((name) => [name, `the ${name}`]));
    const times = { issuedAt: "2026-11-01T12:00:00Z", expiresAt: "2026-11-01T13:00:00Z" };
    assert.deepEqual(readRecord({ ...state, ...times, incomplete: true, keepers: { a: 1 }, tokenType: "Bearer" }), {
      ...state,
      issuedAt: noon,
      expiresAt: noon + 3600_000,
      incomplete: true,
    });
  });

  it("of nothing holds nothing", () => {
    assert.deepEqual(readRecord({}), { incomplete: false });
  });

  for (const name of texts) {
    for (const { description, value } of nonsense.filter(({ value }) => typeof value !== "string" || value === "")) {
      it(`leaves ${name} out that is ${description}`, () => {
        assert.deepEqual(readRecord({ [name]: value }), { incomplete: false });
      });
    }
  }

  const moments = [
    { text: "2026-11-01T12:00:00Z", expected: noon },
    { text: "2026-11-01T12:00:00.250Z", expected: noon + 250 },
    { text: "2026-11-01T14:00:00+02:00", expected: noon },
    { text: "2026-11-01T06:30:00-05:30", expected: noon },
    { text: "1969-12-31T23:59:59Z", expected: -1000 },
  ];
  for (const { text, expected } of moments) {
    it(`reads the time ${text}`, () => {
      assert.deepEqual(readRecord({ issuedAt: text, expiresAt: text }), {
        issuedAt: expected,
        expiresAt: expected,
        incomplete: false,
      });
    });
  }

  const noMoments = [
    // JavaScript makes a time of each of these, mostly one long past: a token would count as expired that is not.
    ...[
      "nonsense 1",
      "5",
      "-1",
      "2001",
      "2026-11-01",
      "2026-11-01T12:00:00",
      "1 Nov 2026 12:00",
      "Z2026-11-01T12:00:00Z",
    ],
    ...["2026-11-01T12:00:00ZZ", "2026-11-01 12:00:00Z", "2026-11-01T12:00Z", "+002026-11-01T12:00:00Z"],
    ...["2026-13-01T12:00:00Z", "2026-11-01T25:00:00Z", "", UNKNOWN, 1_793_534_400_000, null, true, {}, ["2026"]],
  ];
  for (const value of noMoments) {
    it(`makes no time of ${JSON.stringify(value)}`, () => {
      assert.deepEqual(readRecord({ issuedAt: value, expiresAt: value }), { incomplete: false });
    });
  }

  for (const value of ["true", 1, {}, null, "yes"]) {
    it(`does not take ${JSON.stringify(value)} for the mark of an incomplete token`, () => {
      assert.equal(readRecord({ incomplete: value }).incomplete, false);
    });
  }
});

describe("two values of an input", () => {
  const rows: readonly { name: InputName; a: unknown; b: unknown; same: boolean }[] = [
    { name: "clientId", a: "a", b: "a", same: true },
    { name: "clientId", a: "a", b: "b", same: false },
    { name: "clientId", a: "a", b: undefined, same: false },
    { name: "clientId", a: null, b: undefined, same: true },
    { name: "clientId", a: "", b: undefined, same: false },
    { name: "clientSecret", a: undefined, b: {}, same: false },
    { name: "keepers", a: undefined, b: {}, same: true },
    { name: "keepers", a: {}, b: null, same: true },
    { name: "keepers", a: { a: 1, b: 2 }, b: { b: 2, a: 1 }, same: true },
    { name: "keepers", a: { a: [1, { b: null }] }, b: { a: [1, { b: null }] }, same: true },
    { name: "keepers", a: { a: 1 }, b: { a: "1" }, same: false },
    { name: "keepers", a: { a: null }, b: {}, same: false },
    { name: "keepers", a: { a: 1 }, b: { a: 1, b: 2 }, same: false },
    { name: "keepers", a: {}, b: UNKNOWN, same: false },
  ];
  for (const { name, a, b, same } of rows) {
    it(`of ${name}, ${inspect(a)} and ${inspect(b)}, ${same ? "mean the same" : "differ"}`, () => {
      assert.equal(sameInput(name, a, b), same);
      assert.equal(sameInput(name, b, a), same);
    });
  }
});

describe("a time in the state", () => {
  const rows = [
    { milliseconds: noon, expected: "2026-11-01T12:00:00Z" },
    { milliseconds: noon + 999, expected: "2026-11-01T12:00:00Z" },
    { milliseconds: Date.UTC(9999, 11, 31, 23, 59, 59), expected: "9999-12-31T23:59:59Z" },
  ];
  for (const { milliseconds, expected } of rows) {
    it(`is written as ${expected} and read again`, () => {
      assert.equal(formatTime(milliseconds), expected);
      assert.equal(readRecord({ expiresAt: expected }).expiresAt, Math.floor(milliseconds / 1000) * 1000);
    });
  }
});
