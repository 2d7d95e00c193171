import assert from "node:assert/strict";
import fc from "fast-check";

import { basicAuthorization, formEncode } from "../../../provider/oauth/client-auth";
import { anyText } from "../../support/oauth/credentials";
import { readBasic } from "../../support/oauth/read-basic";

describe("formEncode", () => {
  const rows = [
    { value: "abcXYZ0189_-", encoded: "abcXYZ0189_-", description: "what Atlas's ids and secrets consist of" },
    { value: "*-._", encoded: "*-._", description: "all else that the encoding leaves alone" },
    { value: "a b", encoded: "a+b", description: "a blank" },
    { value: "a+b", encoded: "a%2Bb", description: "a plus" },
    { value: "a:b", encoded: "a%3Ab", description: "the colon that separates the pair" },
    { value: "a&b=c%d", encoded: "a%26b%3Dc%25d", description: "what separates the fields of a form" },
    { value: "a\r\nb\0c", encoded: "a%0D%0Ab%00c", description: "control characters" },
    { value: "ü", encoded: "%C3%BC", description: "a character of two bytes" },
    { value: "😀", encoded: "%F0%9F%98%80", description: "a character of four bytes" },
    { value: "", encoded: "", description: "nothing" },
  ];
  for (const { value, encoded, description } of rows) {
    it(`writes ${description} as "${encoded}"`, () => assert.equal(formEncode(value), encoded));
  }
});

describe("basicAuthorization", () => {
  it("is the plain pair for what Atlas issues", () => {
    const pair = Buffer.from("client_id-1:client_secret-2").toString("base64");
    assert.equal(basicAuthorization("client_id-1", "client_secret-2"), `Basic ${pair}`);
  });

  it("form-encodes both parts before base64 (RFC 6749 section 2.3.1)", () => {
    const pair = Buffer.from("a%3Ab:c+d%2Fe").toString("base64");
    assert.equal(basicAuthorization("a:b", "c d/e"), `Basic ${pair}`);
  });

  it("arrives as it was given, whatever its characters", () => {
    fc.assert(
      fc.property(anyText, anyText, (clientId, clientSecret) => {
        assert.deepEqual(readBasic(basicAuthorization(clientId, clientSecret)), { clientId, clientSecret });
      }),
    );
  });

  it("fits into a header, whatever its characters", () => {
    fc.assert(
      fc.property(anyText, anyText, (clientId, clientSecret) => {
        assert.match(basicAuthorization(clientId, clientSecret), /^Basic [A-Za-z0-9+/]*={0,2}$/);
      }),
    );
  });
});
