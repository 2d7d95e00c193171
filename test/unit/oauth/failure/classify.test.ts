import assert from "node:assert/strict";
import fc from "fast-check";

import { fromResponse, fromTransportError } from "../../../../provider/oauth/failure/classify";
import { reasonOf, summary } from "../../../../provider/oauth/failure/messages";
import type { HttpResponse } from "../../../../provider/oauth/http/response";
import { contract, endpoints, type DocumentedFailure } from "../../../support/oauth/contract";

function response(status: number, body: unknown = "", headers: HttpResponse["headers"] = {}): HttpResponse {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body), complete: true };
}

/** A documented body as it is sent: plain, or in one of the two envelopes that Atlas may use. */
const presentations: Readonly<Record<string, (failure: DocumentedFailure) => unknown>> = {
  plain: ({ body }) => body ?? "",
  "in an envelope, beside the status": ({ body, status }) => ({ status, ...body }),
  "in an envelope, as its content": ({ body, status }) => ({ status, content: body }),
};

describe("fromResponse", () => {
  for (const documented of contract.failures) {
    for (const [presentation, bodyOf] of Object.entries(presentations)) {
      it(`reads the documented ${documented.status} ${documented.code}, ${presentation}`, () => {
        const { status, code, body, retryAfterSeconds, triedAgain } = documented;
        const headers = { ...documented.headers, "x-mongodb-service-version": ["gitHash=0", "other"] };
        const sent = response(presentation === "plain" ? status : 200, bodyOf(documented), headers);
        for (const endpoint of endpoints) {
          assert.deepEqual(fromResponse(endpoint, sent, status), {
            code,
            status,
            retryable: triedAgain[endpoint],
            mayHaveIssued: code === "server_error",
            serviceVersion: "gitHash=0",
            ...(body === null ? {} : { description: body.error_description }),
            ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
            ...(code === "rate_limited" ? { limit: { requests: 10, windowMs: 60_000 } } : {}),
          });
        }
      });
    }
  }

  const meaningless: Record<string, unknown> = {
    "an empty body": "",
    "truncated JSON": '{"error":"invalid_gra',
    "a JSON string": '"invalid_grant"',
    "JSON null": "null",
    "a JSON array": [{ error: "invalid_grant" }],
    "an error that is an object": { error: { error: "invalid_grant" } },
    "an error that is an array": { error: ["invalid_grant"] },
    "fields that are null": { error: null, error_description: null },
    "an object that cannot become text": { error: { toString: 1, valueOf: 1 } },
    "a description that is an object": { error_description: { text: "x" }, detail: [], reason: true },
    "an error behind __proto__": '{"__proto__":{"error":"invalid_grant"}}',
    "content that is a string": { content: "invalid_grant" },
    "objects nested deeply": `${'{"content":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    "arrays nested deeply": "[".repeat(30_000),
  };
  for (const [description, body] of Object.entries(meaningless)) {
    it(`lets the status decide for ${description}`, () => {
      for (const [status, code] of [
        [400, "unexpected_response"],
        [401, "invalid_client"],
        [403, "access_denied"],
        [429, "rate_limited"],
        [500, "server_error"],
        [502, "unexpected_response"],
        [503, "service_unavailable"],
      ] as const) {
        const failure = fromResponse("revoke", response(status, body));
        assert.deepEqual([failure.code, failure.status, failure.description], [code, status, undefined]);
      }
    });
  }

  const gateway = { error: 400, errorCode: "VALIDATION_ERROR", detail: "Bad token.", reason: "Bad Request" };
  for (const [source, body, code, description] of [
    ["detail", gateway, "unexpected_response", "Bad token."],
    ["detail in an envelope", { status: 400, content: gateway }, "unexpected_response", "Bad token."],
    ["reason if there is no detail", { ...gateway, detail: "" }, "unexpected_response", "Bad Request"],
    ["errorCode if there is nothing else", { errorCode: "OTHER" }, "unexpected_response", "OTHER"],
    ["detail beside an error of OAuth", { ...gateway, errorCode: "invalid_grant" }, "invalid_grant", "Bad token."],
    ["an error that is not documented", { error: "invalid_scope" }, "unexpected_response", "invalid_scope"],
    ["a number", { error: "invalid_grant", error_description: 17 }, "invalid_grant", "17"],
    ["the body if the content is null", { content: null, ...gateway }, "unexpected_response", "Bad token."],
  ] as const) {
    it(`takes its words from ${source}`, () => {
      const failure = fromResponse("revoke", response(400, body));
      assert.deepEqual([failure.code, failure.description], [code, description]);
    });
  }

  for (const [location, target] of [
    ["https://login.example/x?y#z", "login.example"],
    ["https://user:word@login.example:8443/", "login.example:8443"],
    ["//login.example/api/oauth/token", "login.example"],
    ["/api/oauth/other", "another path"],
    ["https://", "another path"],
    [["https://one.example/", "https://two.example/"], "one.example"],
  ] as const) {
    it(`says that a redirect to ${String(location)} is not followed`, () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const headers = { location: typeof location === "string" ? location : [...location] };
        const { code, description } = fromResponse("issue", response(status, "", headers));
        const end = "redirects are not followed because requests carry credentials";
        assert.deepEqual([code, description], ["unexpected_response", `Atlas redirected to ${target}; ${end}`]);
      }
    });
  }

  it("takes no web page for Atlas's word, though its status decides as without one", () => {
    const page = "<html><h1>Blocked</h1></html>";
    for (const status of [400, 401, 403, 404, 407, 429, 500, 502, 503]) {
      for (const endpoint of endpoints) {
        const failure = fromResponse(endpoint, response(status, page));
        const { description, webPage, ...decided } = failure;
        assert.deepEqual(decided, fromResponse(endpoint, response(status)));
        assert.match(
          summary(failure),
          new RegExp(`^${failure.code} \\(${status}\\): .* did not come from Atlas's API$`),
        );
        assert.match(reasonOf(failure) ?? "", /^a proxy or a filter .* sent a web page$/);
        const own = fromResponse(endpoint, response(status, page, { "x-mongodb-service-version": "gitHash=0" }));
        assert.equal(own.webPage, undefined);
      }
    }
  });

  it("retries a revoke after an undocumented status that may pass, but never an issue", () => {
    for (const status of [100, 204, 302, 304, 402, 404, 407, 408, 418, 425, 499, 501, 502, 504, 599, 999]) {
      const common = { code: "unexpected_response", status, mayHaveIssued: status < 300 || status >= 500 };
      const retryable = status === 408 || status === 425 || status >= 500;
      assert.deepEqual(fromResponse("revoke", response(status)), { ...common, retryable });
      assert.deepEqual(fromResponse("issue", response(status)), { ...common, retryable: false });
    }
  });

  it("never throws and never contradicts itself", () => {
    const headerName = fc.constantFrom("retry-after", "date", "location", "x-mongodb-service-version");
    const headers = fc.dictionary(headerName, fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined)));
    const key = fc.constantFrom("status", "content", "error", "errorCode", "error_description", "detail", "reason");
    const object = fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.string())));
    const body = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      object.map((value) => JSON.stringify(value)),
    );
    const status = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer(), fc.double());
    const response = fc.record({ status, headers, body, complete: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...endpoints), response, (endpoint, response) => {
        const failure = fromResponse(endpoint, response);
        assert.equal(failure.status, response.status);
        assert.ok(["string", "undefined"].includes(typeof failure.description));
        assert.ok(failure.retryAfter === undefined || failure.retryAfter >= 0);
        if (endpoint === "issue" && failure.mayHaveIssued === true) assert.equal(failure.retryable, false);
      }),
    );
  });
});

describe("fromTransportError", () => {
  const coded = (code: string): Error => Object.assign(new Error("fake message"), { code, syscall: "connect" });
  const refusal = (status: number): Error => new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`);
  const invalidProxy = Object.assign(coded("ERR_INVALID_URL"), { message: "HTTPS_PROXY is not a valid URL" });
  const untrusted = (code: string, advice: string) =>
    [coded(code), false, code, `the certificate could not be verified (${code}); ${advice}`] as const;
  for (const [error, retryable, cause, description] of [
    [coded("ECONNREFUSED"), true, "ECONNREFUSED", undefined],
    [new Error("wrapper", { cause: coded("ENOTFOUND") }), true, "ENOTFOUND", undefined],
    [refusal(407), false, undefined, "the proxy refused CONNECT (status 407)"],
    [refusal(502), true, undefined, "the proxy refused CONNECT (status 502)"],
    [refusal(504), true, undefined, "the proxy refused CONNECT (status 504)"],
    [invalidProxy, false, "ERR_INVALID_URL", "HTTPS_PROXY is not a valid URL"],
    [coded("UND_ERR_CONNECT_TIMEOUT"), true, "UND_ERR_CONNECT_TIMEOUT", undefined],
    [coded("ERR_SSL_WRONG_VERSION_NUMBER"), true, "ERR_SSL_WRONG_VERSION_NUMBER", undefined],
    untrusted("CERT_HAS_EXPIRED", "renew it, or correct this machine's clock"),
    untrusted("CERT_NOT_YET_VALID", "renew it, or correct this machine's clock"),
    untrusted("ERR_TLS_CERT_ALTNAME_INVALID", "it is for another host name"),
    untrusted("CERT_REVOKED", "it must not be trusted"),
    untrusted("DEPTH_ZERO_SELF_SIGNED_CERT", "to trust a private CA, set NODE_EXTRA_CA_CERTS"),
  ] as const) {
    it(`classifies ${description?.slice(0, 70) ?? cause ?? "anything"} before the request was started`, () => {
      for (const endpoint of endpoints) {
        const failure = fromTransportError(endpoint, false, error);
        assert.deepEqual([failure.code, failure.retryable], ["unreachable", retryable]);
        assert.deepEqual([failure.cause?.code, failure.description], [cause, description]);
      }
    });
  }

  for (const [name, error] of [
    ["TypeError", new TypeError("text.isWellFormed is not a function")],
    ["ERR_INVALID_ARG_TYPE", Object.assign(new TypeError(), { code: "ERR_INVALID_ARG_TYPE", syscall: "connect" })],
    ["UND_ERR_INVALID_ARG", Object.assign(new Error(), { code: "UND_ERR_INVALID_ARG" })],
    ["UND_ERR_NOT_SUPPORTED", new Error("wrapper", { cause: { name: "Error", code: "UND_ERR_NOT_SUPPORTED" } })],
    ["ERR_NOT_IMPLEMENTED", Object.assign(new Error(), { code: "ERR_NOT_IMPLEMENTED" })],
    ["Error", "not an error"],
  ] as const) {
    it(`takes ${name} for a mistake of the runtime or of undici, which no retry corrects`, () => {
      for (const endpoint of endpoints) {
        const { code, retryable, description = "" } = fromTransportError(endpoint, false, error);
        assert.deepEqual([code, retryable], ["unsupported_runtime", false]);
        const needs = "the runtime or undici is not what this package needs";
        assert.ok(description.startsWith(`${needs} (${name}): it needs Node.js 20.18.1 or later, and found v`));
      }
    });
  }

  it("does not know what Atlas did once the request was started", () => {
    for (const endpoint of endpoints) {
      assert.deepEqual(fromTransportError(endpoint, true, coded("ECONNRESET")), {
        code: "no_response",
        retryable: endpoint === "revoke",
        mayHaveIssued: true,
        cause: { name: "Error", code: "ECONNRESET", syscall: "connect" },
      });
    }
  });
});
