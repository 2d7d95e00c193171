import assert from "node:assert/strict";

import fc from "fast-check";

import { formatTime, readRecord } from "../../../provider/operations/record";
import { update } from "../../../provider/operations/update";
import { anyProperties, HOUR, inputsWith, NOW, stateWith } from "./fake";

describe("the record of a token", () => {
  it("contains what the state contains, with times in milliseconds", () => {
    const { tokenType, ...texts } = stateWith({ clientSecret: "s", existingToken: "t", incomplete: true });
    const flags = { revokedElsewhere: false };
    assert.deepEqual(readRecord({ ...texts, tokenType }), { ...texts, ...flags, issuedAt: NOW, expiresAt: NOW + HOUR });
  });

  it("leaves out whatever is not valid", () => {
    fc.assert(
      fc.property(anyProperties, (properties) => {
        for (const [key, value] of Object.entries(readRecord(properties))) {
          const type = ["incomplete", "verify", "revokedElsewhere"].includes(key)
            ? "boolean"
            : key.endsWith("At")
              ? "number"
              : "string";
          assert.equal(typeof value, type);
          assert.ok(value !== "" && !Number.isNaN(value));
        }
      }),
    );
  });

  it("contains no client ID that is a client secret, since messages name it", () => {
    assert.equal(readRecord({ clientId: "mdb_sa_sk_fake" }).clientId, undefined);
  });

  const times: Readonly<Record<string, number | undefined>> = {
    "2026-11-01T12:00:00Z": NOW,
    "2026-11-01T14:00:00+02:00": NOW,
    "2026-11-01T12:00:00.999Z": NOW + 999,
    "9999-12-31T23:59:59Z": Date.UTC(9999, 11, 31, 23, 59, 59),
    "2026-11-01": undefined,
    "2026-11-01T12:00:00": undefined,
    "2026-13-01T12:00:00Z": undefined,
    "Sun, 01 Nov 2026 12:00:00 GMT": undefined,
    "nonsense 1": undefined,
    "2001": undefined,
  };
  for (const [text, expected] of Object.entries(times)) {
    it(`reads ${text} as ${expected === undefined ? "no time" : String(expected)}`, () => {
      assert.equal(readRecord({ expiresAt: text }).expiresAt, expected);
    });
  }

  it("reads every time that is written, in whole seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (moment) => {
        assert.equal(readRecord({ issuedAt: formatTime(moment) }).issuedAt, Math.floor(moment / 1000) * 1000);
      }),
    );
  });
});

describe("update", () => {
  for (const [description, olds, news, expected] of [
    ["replaces the old inputs", { renewBefore: "5m" }, {}, {}],
    ["drops inputs that are no longer given", { clientSecret: "s", keepers: {} }, {}, {}],
    ["keeps the mark of an incomplete token", { incomplete: true }, {}, { incomplete: true }],
    ["keeps outputs that this version does not know", { other: 1 }, {}, { other: 1 }],
    ["takes the new serialized provider", { __provider: "a" }, { __provider: "b" }, { __provider: "b" }],
    ["keeps the origin of the token", {}, { baseUrl: "https://other.example" }, {}],
    ["takes a rotated secret", { clientSecret: "a" }, { clientSecret: "b" }, { clientSecret: "b" }],
    [
      "keeps the client ID of the token, and its secret",
      { clientSecret: "a" },
      { clientId: "mdb_sa_id_other", clientSecret: "b" },
      { clientSecret: "a" },
    ],
    ["repairs a state that lacks an origin", { baseUrl: undefined }, {}, {}],
  ] as const) {
    it(description, () => assert.deepEqual(update(stateWith(olds), inputsWith(news)), { outs: stateWith(expected) }));
  }

  it("returns every input of the program but those that belong to the token, whatever the state contains", () => {
    fc.assert(
      fc.property(anyProperties, (olds) => {
        const { outs } = update(olds, inputsWith());
        const { clientId, baseUrl } = readRecord({ ...inputsWith(), ...readRecord(olds) });
        assert.deepEqual({ ...outs, ...inputsWith(), clientId, baseUrl }, outs);
        assert.equal("keepers" in outs, false);
      }),
    );
  });
});
