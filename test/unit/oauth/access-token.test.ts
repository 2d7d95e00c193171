import assert from "node:assert/strict";
import fc from "fast-check";

import { parseAccessToken, parseClientId, parseClientSecret } from "../../../provider/oauth/access-token";
import { anyCredential, anyToken } from "../../support/oauth/credentials";

const token = "fake.access.token";
const whiteSpace = fc.string({ unit: fc.constantFrom(" ", "\t", "\r", "\n"), maxLength: 3 });

describe("parseAccessToken", () => {
  it("removes the white space around a token and changes nothing else", () => {
    fc.assert(
      fc.property(whiteSpace, anyToken, whiteSpace, (before, token, after) => {
        assert.deepEqual(parseAccessToken(before + token + after), { token });
      }),
    );
  });

  const mangled = {
    "a NUL behind it": `${token}\0`,
    "a byte order mark in front": `\ufeff${token}`,
    "the authentication scheme": `Bearer ${token}`,
    quotes: `"${token}"`,
    "the whole response": JSON.stringify({ access_token: token }),
    "two lines": `${token}\n${token}`,
    "padding within": `${token}=${token}`,
    "only padding": "==",
    "a letter that is not ASCII": `${token}é`,
    "only white space": " \n",
  };
  for (const [description, value] of Object.entries(mangled)) {
    it(`refuses a token with ${description} and does not repeat it`, () => {
      const parsed = parseAccessToken(value);
      assert.ok("problem" in parsed);
      assert.match(parsed.problem, /^must be the access token alone/);
      assert.ok(!parsed.problem.includes(token));
    });
  }

  for (const value of [undefined, null, "", 1, {}, [token]]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parseAccessToken(value), { problem: "must be a non-empty string" });
    });
  }
});

for (const { parse, name, swapped } of [
  { parse: parseClientId, name: "clientId", swapped: "mdb_sa_sk_fake-secret" },
  { parse: parseClientSecret, name: "clientSecret", swapped: "mdb_sa_id_fake-id" },
]) {
  describe(parse.name, () => {
    it("removes the white space around a value and changes nothing else", () => {
      fc.assert(
        fc.property(whiteSpace, anyCredential, whiteSpace, (before, value, after) => {
          assert.deepEqual(parse(before + value + after), { [name]: value });
        }),
      );
    });

    for (const value of [swapped, ` ${swapped}\n`]) {
      it(`refuses ${JSON.stringify(value)}, which belongs to the other argument, and does not repeat it`, () => {
        const parsed = parse(value);
        assert.ok("problem" in parsed);
        assert.match(parsed.problem, /but a client .* was given$/);
        assert.ok(!parsed.problem.includes("fake"));
      });
    }

    for (const value of [undefined, null, "", " \n", 1, {}]) {
      it(`refuses ${JSON.stringify(value)}`, () => {
        assert.deepEqual(parse(value), { problem: "must be a non-empty string" });
      });
    }

    it("refuses half a surrogate pair", () => {
      assert.deepEqual(parse("fake-value-\ud800"), { problem: "must be well-formed Unicode" });
    });
  });
}
