import assert from "node:assert/strict";
import fc from "fast-check";

import { parseBaseUrl } from "../../../../provider/oauth/input/base-url";

describe("parseBaseUrl", () => {
  for (const [text, origin] of Object.entries({
    "https://cloud.mongodb.com/": "https://cloud.mongodb.com",
    " https://cloud.mongodb.com\n": "https://cloud.mongodb.com",
    "HTTPS://Cloud.MongoDB.com": "https://cloud.mongodb.com",
    "https://cloud.mongodb.com:443": "https://cloud.mongodb.com",
    "https://[2001:db8::1]:8443": "https://[2001:db8::1]:8443",
    "http://LOCALHOST:8080/": "http://localhost:8080",
    "http://127.255.255.254": "http://127.255.255.254",
    "http://0x7f000001": "http://127.0.0.1",
    "http://[0:0:0:0:0:0:0:1]": "http://[::1]",
  })) {
    it(`reads ${JSON.stringify(text)} as ${origin}`, () => assert.deepEqual(parseBaseUrl(text), { value: origin }));
  }

  const refused: Record<string, readonly unknown[]> = {
    "must be a URL such as https://cloud.mongodb.com": [
      ...[undefined, null, 5, "", "cloud.mongodb.com", "//cloud.mongodb.com", "https://", "https://a.example:port"],
    ],
    "must start with https://": [
      ...["cloud.mongodb.com:443", "ftp://a.example", "file:///etc/hosts", "javascript:alert(1)"],
      ...["blob:https://a.example", "unix:///run/atlas.sock"],
    ],
    "must use https (http is allowed only on localhost)": [
      ...["http://cloud.mongodb.com", "http://localhost.", "http://localhost.evil.example"],
      ...["http://127.0.0.1.evil.example", "http://evil.example#.localhost", "http://128.0.0.1", "http://0.0.0.0"],
      ...["http://[::]", "http://[::ffff:127.0.0.1]", "http://2130706432.evil.example"],
    ],
    "must not contain credentials": [
      ...["https://user@a.example", "https://:word@a.example", "http://user:word@localhost"],
    ],
    "must not contain a query or a fragment": ["https://a.example?", "https://a.example/?a=b", "https://a.example#"],
    "must not contain a path": [
      ...["https://a.example/api", "https://a.example//", "https://a.example/;x", "https:\\\\a.example\\x"],
    ],
  };
  for (const [problem, values] of Object.entries(refused)) {
    for (const value of values) {
      it(`refuses ${JSON.stringify(value)}: it ${problem}`, () => assert.deepEqual(parseBaseUrl(value), { problem }));
    }
  }

  it("never throws, and reads an origin that it returned as itself", () => {
    const authority = fc.webAuthority().map((each) => `https://${each}`);
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), authority), (text) => {
        const result = parseBaseUrl(text);
        if ("value" in result) assert.deepEqual(parseBaseUrl(result.value), result);
      }),
    );
  });

  it("accepts a name that is not ASCII however often it was asked before", () => {
    for (let time = 0; time < 20_000; time++) {
      assert.deepEqual(parseBaseUrl("https://bücher.example"), { value: "https://xn--bcher-kva.example" });
    }
  });
});
