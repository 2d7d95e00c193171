import assert from "node:assert/strict";

import { basicAuthorization } from "../../../../provider/oauth/http/client-auth";

describe("basicAuthorization", () => {
  for (const [id, secret, pair] of [
    ["client_id-1", "client_secret-2", "client_id-1:client_secret-2"],
    [" a:b", "c d/e ", "+a%3Ab:c+d%2Fe+"],
    ["*-._", "a+b&c=d%", "*-._:a%2Bb%26c%3Dd%25"],
    ["ü", "😀\r\n\0", "%C3%BC:%F0%9F%98%80%0D%0A%00"],
  ] as const) {
    it(`form-encodes both parts before base64 (RFC 6749 section 2.3.1): ${pair}`, () => {
      assert.equal(basicAuthorization(id, secret), `Basic ${Buffer.from(pair).toString("base64")}`);
    });
  }
});
