import assert from "node:assert/strict";
import fc from "fast-check";

import type { HttpResponse } from "../../../provider/oauth/http-response";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import type { Failure } from "../../../provider/oauth/failure";
import { fromResponse } from "../../../provider/oauth/classify";
import { contract, endpoints, presentations } from "../../support/oauth/contract";

const serviceVersion = "gitHash=0a1b2c3; versionString=v20261101";

function answer(status: number, body: unknown = "", headers: HttpResponse["headers"] = {}): HttpResponse {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body), complete: true };
}

/** Only what a row is about: a failure without the parts that `expected` does not name. */
function assertFailure(failure: Failure, expected: Partial<Record<keyof Failure, unknown>>): void {
  const named = Object.keys(expected).map((key) => [key, failure[key as keyof Failure]]);
  assert.deepEqual(Object.fromEntries(named), expected);
}

describe("failureOf", () => {
  describe("reads every documented failure", () => {
    for (const endpoint of endpoints) {
      for (const presentation of presentations) {
        if (endpoint === "issue" && presentation.enveloped) continue;
        for (const documented of contract.failures) {
          it(`${documented.code} of ${endpoint}, ${presentation.name}`, () => {
            const { status, code, body, retryAfterSeconds, triedAgain, headers } = documented;
            const sent = answer(presentation.enveloped ? 200 : status, presentation.write(documented), {
              ...headers,
              "x-mongodb-service-version": serviceVersion,
            });
            assert.deepEqual(fromResponse(endpoint, sent, status), {
              code,
              status,
              retryable: triedAgain[endpoint],
              mayHaveIssued: code === "server_error",
              serviceVersion,
              ...(body === null ? {} : { description: body.error_description }),
              ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
            });
          });
        }
      }
    }
  });

  describe("lets the status decide, whatever the body holds", () => {
    const statuses = [
      { status: 401, code: "invalid_client" },
      { status: 403, code: "access_denied" },
      { status: 429, code: "rate_limited" },
      { status: 500, code: "server_error" },
      { status: 503, code: "service_unavailable" },
      { status: 400, code: "unexpected_response" },
      { status: 404, code: "unexpected_response" },
      { status: 502, code: "unexpected_response" },
    ];
    const bodies: { description: string; body: unknown }[] = [
      { description: "an empty body", body: "" },
      { description: "HTML", body: "<html><h1>Service Unavailable</h1></html>" },
      { description: "JSON that broke off", body: '{"error":"invalid_gra' },
      { description: "a JSON string", body: '"invalid_grant"' },
      { description: "a JSON number", body: "400" },
      { description: "JSON null", body: "null" },
      { description: "a JSON array", body: '[{"error":"invalid_grant"}]' },
      { description: "an error that is an object", body: { error: { error: "invalid_grant" } } },
      { description: "an error that is an array", body: { error: ["invalid_grant"] } },
      { description: "an error that is true", body: { error: true } },
      { description: "an error that is null", body: { error: null, error_description: null } },
      { description: "an object that cannot become text", body: { error: { toString: 1, valueOf: 1 } } },
      { description: "a description that is an object", body: { error_description: { text: "x" }, detail: [] } },
      { description: "an error behind __proto__", body: '{"__proto__":{"error":"invalid_grant"}}' },
      { description: "an error behind constructor", body: '{"constructor":{"prototype":{"error":"invalid_grant"}}}' },
      { description: "content that is a string", body: { content: "invalid_grant" } },
      { description: "objects nested deeply", body: `${'{"content":'.repeat(20_000)}1${"}".repeat(20_000)}` },
      { description: "arrays nested deeply", body: "[".repeat(30_000) },
    ];
    for (const { description, body } of bodies) {
      for (const { status, code } of statuses) {
        it(`${status} with ${description}`, () => {
          const failure = fromResponse("revoke", answer(status, body));
          assertFailure(failure, { code, status });
          assert.equal("description" in failure, false);
        });
      }
    }
  });

  describe("takes its words from", () => {
    const rows = [
      {
        description: "error_description",
        body: { error: "invalid_grant", error_description: "Invalid grant." },
        expected: { code: "invalid_grant", description: "Invalid grant." },
      },
      {
        description: "the detail of the second error shape, whose error is a number",
        body: { error: 400, errorCode: "VALIDATION_ERROR", detail: "Bad token.", reason: "Bad Request" },
        expected: { code: "unexpected_response", description: "Bad token." },
      },
      {
        description: "the reason where there is no detail",
        body: { error: 400, errorCode: "VALIDATION_ERROR", reason: "Bad Request" },
        expected: { code: "unexpected_response", description: "Bad Request" },
      },
      {
        description: "the reason where the detail is empty",
        body: { error: 400, detail: "", reason: "Bad Request" },
        expected: { code: "unexpected_response", description: "Bad Request" },
      },
      {
        description: "the errorCode where nothing else is said",
        body: { error: 400, errorCode: "VALIDATION_ERROR" },
        expected: { code: "unexpected_response", description: "VALIDATION_ERROR" },
      },
      {
        description: "an errorCode that is one of OAuth's errors",
        body: { error: 400, errorCode: "invalid_grant", detail: "Bad grant." },
        expected: { code: "invalid_grant", description: "Bad grant." },
      },
      {
        description: "an error that is not documented",
        body: { error: "invalid_scope" },
        expected: { code: "unexpected_response", description: "invalid_scope" },
      },
      {
        description: "a number",
        body: { error: "invalid_grant", error_description: 17 },
        expected: { code: "invalid_grant", description: "17" },
      },
      {
        description: "the second error shape in an envelope",
        body: { status: 400, content: { error: 400, errorCode: "VALIDATION_ERROR", detail: "Bad token." } },
        expected: { code: "unexpected_response", description: "Bad token." },
      },
      {
        description: "an envelope whose content is null",
        body: { status: 400, content: null, error: "invalid_grant", error_description: "Invalid grant." },
        expected: { code: "invalid_grant", description: "Invalid grant." },
      },
    ];
    for (const { description, body, expected } of rows) {
      it(description, () => assertFailure(fromResponse("revoke", answer(400, body)), expected));
    }
  });

  describe("of the second error shape keeps the code of its status:", () => {
    for (const { status, code } of contract.failures.filter((each) => each.status !== 400)) {
      it(`${status} is ${code}`, () => {
        const body = { error: status, errorCode: "SOME_CODE", detail: "Some detail.", reason: "Some reason" };
        assertFailure(fromResponse("revoke", answer(status, body)), { code, status, description: "Some detail." });
      });
    }
  });

  describe("of a redirect", () => {
    const rows = [
      { location: "https://login.example/x?y#z", description: "Atlas redirected to login.example" },
      { location: "https://user:word@login.example:8443/", description: "Atlas redirected to login.example:8443" },
      { location: "//login.example/api/oauth/token", description: "Atlas redirected to login.example" },
      { location: "/api/oauth/other", description: "Atlas redirected to another path" },
      { location: "other", description: "Atlas redirected to another path" },
      { location: "https://", description: "Atlas redirected to another path" },
      { location: ["https://one.example/", "https://two.example/"], description: "Atlas redirected to one.example" },
    ];
    for (const status of [301, 302, 303, 307, 308]) {
      for (const { location, description } of rows) {
        it(`${status} to ${String(location)} says that it is not followed`, () => {
          assertFailure(fromResponse("issue", answer(status, "", { location })), {
            code: "unexpected_response",
            status,
            retryable: false,
            mayHaveIssued: false,
            description: `${description}; redirects are not followed because requests carry credentials`,
          });
        });
      }
    }

    it("without a Location says no more than its status", () => {
      assert.deepEqual(fromResponse("revoke", answer(302)), {
        code: "unexpected_response",
        status: 302,
        retryable: false,
        mayHaveIssued: false,
      });
    });
  });

  describe("of a status that is not documented", () => {
    const rows: { status: number; triedAgain: Record<Endpoint, boolean>; mayHaveIssued: boolean }[] = [
      { status: 100, triedAgain: { issue: false, revoke: false }, mayHaveIssued: true },
      { status: 204, triedAgain: { issue: false, revoke: false }, mayHaveIssued: true },
      { status: 304, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 402, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 404, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 407, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 408, triedAgain: { issue: false, revoke: true }, mayHaveIssued: false },
      { status: 418, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 499, triedAgain: { issue: false, revoke: false }, mayHaveIssued: false },
      { status: 501, triedAgain: { issue: false, revoke: true }, mayHaveIssued: true },
      { status: 502, triedAgain: { issue: false, revoke: true }, mayHaveIssued: true },
      { status: 504, triedAgain: { issue: false, revoke: true }, mayHaveIssued: true },
      { status: 599, triedAgain: { issue: false, revoke: true }, mayHaveIssued: true },
    ];
    for (const { status, triedAgain, mayHaveIssued } of rows) {
      for (const endpoint of endpoints) {
        it(`${status}, ${endpoint} is ${triedAgain[endpoint] ? "" : "not "}tried again`, () => {
          assert.deepEqual(fromResponse(endpoint, answer(status)), {
            code: "unexpected_response",
            status,
            retryable: triedAgain[endpoint],
            mayHaveIssued,
          });
        });
      }
    }
  });

  it("takes the first of several service versions", () => {
    const headers = { "x-mongodb-service-version": ["first", "second"] };
    assert.equal(fromResponse("issue", answer(500, "", headers)).serviceVersion, "first");
  });

  it("never throws and never contradicts itself", () => {
    const headers = fc.dictionary(
      fc.oneof(fc.constantFrom("retry-after", "date", "location", "x-mongodb-service-version"), fc.string()),
      fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined)),
    );
    const key = fc.constantFrom("status", "content", "error", "errorCode", "error_description", "detail", "reason");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.dictionary(key, tie("tree"))),
    }));
    const body = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      tree.map((each) => JSON.stringify(each)),
    );
    const status = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.double());
    fc.assert(
      fc.property(fc.constantFrom(...endpoints), status, headers, body, fc.boolean(), (endpoint, ...rest) => {
        const [status, headers, body, complete] = rest;
        const failure = fromResponse(endpoint, { status, headers, body, complete });
        assert.equal(failure.status, status);
        assert.equal(typeof failure.code, "string");
        assert.ok(["string", "undefined"].includes(typeof failure.description));
        assert.ok(failure.retryAfter === undefined || failure.retryAfter >= 0);
        // An issue that may have succeeded is never repeated.
        if (endpoint === "issue" && failure.mayHaveIssued === true) assert.equal(failure.retryable, false);
      }),
    );
  });
});
