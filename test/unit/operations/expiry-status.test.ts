import assert from "node:assert/strict";

import { describeExpiry, noteFor, expiryStatus, type ExpiryStatus } from "../../../provider/operations/expiry-status";
import type { TokenRecord } from "../../../provider/operations/record";
import { HOUR, MINUTE, NOW } from "./fake";

type Times = Pick<TokenRecord, "issuedAt" | "expiresAt" | "existingToken">;

function record(times: Times): TokenRecord {
  return { incomplete: false, ...times };
}

const fresh: Times = { issuedAt: NOW, expiresAt: NOW + HOUR };
const old: Times = { issuedAt: NOW - 55 * MINUTE, expiresAt: NOW + 5 * MINUTE };
const expired: Times = { issuedAt: NOW - 2 * HOUR, expiresAt: NOW - HOUR };
const short: Times = { issuedAt: NOW, expiresAt: NOW + 5 * MINUTE };

describe("a token's standing", () => {
  const rows: readonly { description: string; times: Times; renewBefore: string; expected: ExpiryStatus }[] = [
    { description: "is fresh long before its expiry", times: fresh, renewBefore: "10m", expected: "fresh" },
    { description: "is within the margin shortly before", times: old, renewBefore: "10m", expected: "within" },
    {
      description: "is within the margin exactly so long before",
      times: old,
      renewBefore: "5m",
      expected: "within",
    },
    { description: "is fresh a moment before that", times: old, renewBefore: "4m59.999s", expected: "fresh" },
    { description: "is expired after its expiry", times: expired, renewBefore: "10m", expected: "expired" },
    {
      description: "is expired at its expiry",
      times: { issuedAt: NOW - HOUR, expiresAt: NOW },
      renewBefore: "0",
      expected: "expired",
    },
    {
      description: "is not expired a moment before its expiry",
      times: { issuedAt: NOW - HOUR, expiresAt: NOW + 1 },
      renewBefore: "0",
      expected: "fresh",
    },
    {
      description: "is short-lived where its life is less than the margin",
      times: short,
      renewBefore: "10m",
      expected: "short-lived",
    },
    {
      description: "is short-lived where its life is the margin",
      times: short,
      renewBefore: "5m",
      expected: "short-lived",
    },
    {
      description: "is within the margin where its life is more than it",
      times: short,
      renewBefore: "4m59.999s",
      expected: "fresh",
    },
    {
      description: "is expired, not short-lived, once its short life is over",
      times: { issuedAt: NOW - 5 * MINUTE, expiresAt: NOW },
      renewBefore: "10m",
      expected: "expired",
    },
    {
      description: "is within the margin where nobody knows how long its life is",
      times: { expiresAt: NOW + 5 * MINUTE },
      renewBefore: "10m",
      expected: "within",
    },
    {
      description: "is unreadable without an expiry",
      times: { issuedAt: NOW },
      renewBefore: "10m",
      expected: "unreadable",
    },
    {
      description: "is fresh for ever where renewBefore is never",
      times: expired,
      renewBefore: "never",
      expected: "fresh",
    },
    {
      description: "is fresh without an expiry where renewBefore is never",
      times: {},
      renewBefore: "never",
      expected: "fresh",
    },
    {
      description: "is fresh while renewBefore makes no sense",
      times: expired,
      renewBefore: "soon",
      expected: "fresh",
    },
  ];
  for (const { description, times, renewBefore, expected } of rows) {
    it(description, () => assert.equal(expiryStatus(record(times), renewBefore, NOW), expected));
  }
});

describe("the note on a token", () => {
  const rows: readonly { description: string; standing: ExpiryStatus; times: Times; expected: string | undefined }[] = [
    { description: "is none while it is fresh", standing: "fresh", times: fresh, expected: undefined },
    {
      description: "names the expiry and the margin that it is within",
      standing: "within",
      times: old,
      expected: "expires at 2026-11-01T12:05:00Z (in 5 min), within renewBefore 10m: it is replaced",
    },
    {
      description: "names the expiry that has passed, and the margin",
      standing: "expired",
      times: expired,
      expected: "expired at 2026-11-01T11:00:00Z (60 min ago) and is replaced (renewBefore 10m)",
    },
    {
      description: "names the life that is too short for the margin",
      standing: "short-lived",
      times: short,
      expected:
        "expires at 2026-11-01T12:05:00Z (in 5 min); its whole life of 5 min is no longer than renewBefore 10m: " +
        "it is replaced only once it has expired",
    },
    {
      description: "says that the expiry cannot be read",
      standing: "unreadable",
      times: {},
      expected: "has no readable expiry in the state: it is replaced",
    },
    {
      description: "says that an adopted one cannot be renewed here",
      standing: "within",
      times: { ...old, existingToken: "opaque" },
      expected:
        "expires at 2026-11-01T12:05:00Z (in 5 min); it was adopted and cannot be renewed here: pass another existingToken",
    },
    {
      description: "is none for an adopted one that is short-lived",
      standing: "short-lived",
      times: { ...short, existingToken: "opaque" },
      expected: undefined,
    },
    {
      description: "is none for an adopted one that does not tell its expiry",
      standing: "unreadable",
      times: { existingToken: "opaque" },
      expected: undefined,
    },
  ];
  for (const { description, standing, times, expected } of rows) {
    it(description, () => assert.equal(noteFor(standing, record(times), "10m", NOW), expected));
  }
});

describe("an expiry in words", () => {
  const rows = [
    { left: 30 * MINUTE, expected: "expires at 2026-11-01T12:30:00Z (in 30 min)" },
    { left: 1, expected: "expires at 2026-11-01T12:00:00Z (in 0 s)" },
    { left: 0, expected: "expired at 2026-11-01T12:00:00Z (0 s ago)" },
    { left: -90_000, expected: "expired at 2026-11-01T11:58:30Z (90 s ago)" },
  ];
  for (const { left, expected } of rows) {
    it(expected, () => assert.equal(describeExpiry(NOW + left, NOW), expected));
  }
});
