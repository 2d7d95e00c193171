import assert from "node:assert/strict";
import fc from "fast-check";

import { parseAccessToken, parseClientId, parseClientSecret } from "../../../../provider/oauth/input/credentials";
import { anyCredential, anyToken } from "../../../support/oauth/credentials";

const whiteSpace = fc.string({ unit: fc.constantFrom(" ", "\t", "\r", "\n"), maxLength: 3 });

/** What a client ID and a client secret cannot be. */
const notCredentials = {
  "must be a non-empty string": [" \n"],
  "must be well-formed Unicode": ["fake-value-\ud800"],
};

for (const { parse, valid, refused } of [
  {
    parse: parseAccessToken,
    valid: anyToken,
    refused: {
      "must be an access token, but a client secret was given": [" mdb_sa_sk_fake\n", "mdb_sa_sk_fake.a.b"],
      "must be an access token, but a client ID was given": ["mdb_sa_id_fake"],
      'must be the access token alone, without "Bearer", quotes, JSON or other characters around it': [
        ...["fake.token\0", "\ufefffake.token", "Bearer fake.token", '"fake.token"', '{"access_token":"fake.token"}'],
        ...["fake.token\nfake.token", "fake.token=fake.token", "==", "fake.tokené", " \n"],
      ],
    },
  },
  {
    parse: parseClientId,
    valid: anyCredential,
    refused: {
      "must be a client ID (mdb_sa_id_…), but a client secret was given": ["mdb_sa_sk_fake", " mdb_sa_sk_fake\n"],
      ...notCredentials,
    },
  },
  {
    parse: parseClientSecret,
    valid: anyCredential,
    refused: {
      "must be a client secret (mdb_sa_sk_…), but a client ID was given": ["mdb_sa_id_fake", " mdb_sa_id_fake\n"],
      ...notCredentials,
    },
  },
]) {
  describe(parse.name, () => {
    it("removes the white space around a value and changes nothing else", () => {
      fc.assert(
        fc.property(whiteSpace, valid, whiteSpace, (before, value, after) => {
          assert.deepEqual(parse(before + value + after), { value });
        }),
      );
    });

    for (const [problem, values] of Object.entries(refused)) {
      for (const value of values) {
        it(`refuses ${JSON.stringify(value)} and does not repeat it`, () =>
          assert.deepEqual(parse(value), { problem }));
      }
    }

    it("refuses what is no text, or empty", () => {
      const others = [undefined, null, "", 12345678, true, {}, ["x"], new String("x"), Symbol("x"), () => "x"];
      for (const value of others) assert.deepEqual(parse(value), { problem: "must be a non-empty string" });
    });
  });
}
