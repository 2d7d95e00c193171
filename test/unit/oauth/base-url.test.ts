import assert from "node:assert/strict";
import fc from "fast-check";

import { DEFAULT_BASE_URL, GOVERNMENT_BASE_URL, parseBaseUrl } from "../../../provider/oauth/base-url";

describe("parseBaseUrl", () => {
  const accepted = [
    { text: DEFAULT_BASE_URL, origin: "https://cloud.mongodb.com" },
    { text: GOVERNMENT_BASE_URL, origin: "https://cloud.mongodbgov.com" },
    { text: "https://cloud.mongodb.com/", origin: "https://cloud.mongodb.com" },
    { text: "HTTPS://Cloud.MongoDB.com", origin: "https://cloud.mongodb.com" },
    { text: "https://cloud.mongodb.com:443", origin: "https://cloud.mongodb.com" },
    { text: "https://atlas.example:8443/", origin: "https://atlas.example:8443" },
    { text: "https://10.0.0.1", origin: "https://10.0.0.1" },
    { text: "https://[2001:db8::1]:8443", origin: "https://[2001:db8::1]:8443" },
    { text: "http://localhost", origin: "http://localhost" },
    { text: "http://LOCALHOST:8080/", origin: "http://localhost:8080" },
    { text: "http://127.0.0.1:8080", origin: "http://127.0.0.1:8080" },
    { text: "http://127.255.255.254", origin: "http://127.255.255.254" },
    { text: "http://127.1", origin: "http://127.0.0.1" },
    { text: "http://0x7f000001", origin: "http://127.0.0.1" },
    { text: "http://[::1]:8080", origin: "http://[::1]:8080" },
    { text: "http://[0:0:0:0:0:0:0:1]", origin: "http://[::1]" },
  ];
  for (const { text, origin } of accepted) {
    it(`reads ${text} as ${origin}`, () => assert.deepEqual(parseBaseUrl(text), { origin }));
  }

  const refused = [
    { text: "", problem: /must be a URL/ },
    { text: "cloud.mongodb.com", problem: /must be a URL/ },
    { text: "//cloud.mongodb.com", problem: /must be a URL/ },
    { text: "https://", problem: /must be a URL/ },
    { text: "https://cloud.mongodb.com:port", problem: /must be a URL/ },
    { text: "cloud.mongodb.com:443", problem: /must start with https/ },
    { text: "ftp://cloud.mongodb.com", problem: /must start with https/ },
    { text: "file:///etc/hosts", problem: /must start with https/ },
    { text: "javascript:alert(1)", problem: /must start with https/ },
    { text: "blob:https://cloud.mongodb.com", problem: /must start with https/ },
    { text: "unix:///run/atlas.sock", problem: /must start with https/ },
    { text: "http://cloud.mongodb.com", problem: /must use https/ },
    { text: "http://localhost.", problem: /must use https/ },
    { text: "http://localhost.evil.example", problem: /must use https/ },
    { text: "http://127.0.0.1.evil.example", problem: /must use https/ },
    { text: "http://evil.example#.localhost", problem: /must use https/ },
    { text: "http://128.0.0.1", problem: /must use https/ },
    { text: "http://0.0.0.0", problem: /must use https/ },
    { text: "http://[::]", problem: /must use https/ },
    { text: "http://[::ffff:127.0.0.1]", problem: /must use https/ },
    { text: "http://2130706432.evil.example", problem: /must use https/ },
    { text: "https://user@cloud.mongodb.com", problem: /credentials/ },
    { text: "https://:word@cloud.mongodb.com", problem: /credentials/ },
    { text: "http://user:word@localhost", problem: /credentials/ },
    { text: "https://cloud.mongodb.com?", problem: /query or a fragment/ },
    { text: "https://cloud.mongodb.com/?a=b", problem: /query or a fragment/ },
    { text: "https://cloud.mongodb.com#", problem: /query or a fragment/ },
    { text: "https://cloud.mongodb.com/api", problem: /path/ },
    { text: "https://cloud.mongodb.com//", problem: /path/ },
    { text: "https://cloud.mongodb.com/;x", problem: /path/ },
    { text: "https:\\\\evil.example\\x", problem: /path/ },
  ];
  for (const { text, problem } of refused) {
    it(`refuses "${text}"`, () => {
      const result = parseBaseUrl(text);
      assert.ok("problem" in result, JSON.stringify(result));
      assert.match(result.problem, problem);
    });
  }

  it("never repeats what it refuses: it may hold credentials", () => {
    const word = fc.stringMatching(/^[a-z0-9]{12}$/);
    const url = fc.oneof(
      word,
      word.map((each) => `https://user:${each}@cloud.mongodb.com`),
      word.map((each) => `https://cloud.mongodb.com/?token=${each}`),
      word.map((each) => `https://cloud.mongodb.com/${each}`),
      word.map((each) => `http://${each}.example`),
    );
    fc.assert(
      fc.property(url, (text) => {
        const result = parseBaseUrl(text);
        assert.ok("problem" in result);
        for (const part of text.match(/[a-z0-9]{12}/g) ?? []) assert.equal(result.problem.includes(part), false);
      }),
    );
  });

  it("answers with an origin that it reads as itself, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.webAuthority().map((each) => `https://${each}`),
        ),
        (text) => {
          const result = parseBaseUrl(text);
          if ("origin" in result) assert.deepEqual(parseBaseUrl(result.origin), result);
        },
      ),
    );
  });

  it("takes a name that is not ASCII however often it was asked before", () => {
    for (let time = 0; time < 20_000; time++) {
      assert.deepEqual(
        parseBaseUrl("https://bücher.example"),
        { origin: "https://xn--bcher-kva.example" },
        String(time),
      );
    }
  });
});
