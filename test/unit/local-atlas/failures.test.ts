import assert from "node:assert/strict";

import type { FailureOptions } from "../../../examples/local-atlas";
import { contract } from "../../support/oauth/contract";
import { assertError, assertHeaders, endpoints, Fixture, paths, type Reply } from "./support";

describe("Local Atlas fails on request", () => {
  const local = new Fixture({ requestsPerWindow: 2 });

  async function statuses(count: number): Promise<number[]> {
    const seen: number[] = [];
    for (let sent = 0; sent < count; sent += 1) seen.push((await local.issue()).status);
    return seen;
  }

  for (const endpoint of endpoints) {
    it(`with every documented response of the endpoint to ${endpoint}`, async () => {
      for (const { status, headers, body } of contract.failures) {
        local.atlas.failNext(endpoint, status, body === null ? {} : { error: body.error });
        const reply = await local.call(endpoint);
        const { "Retry-After": _varies, ...others } = headers;
        assertHeaders(reply, others);
        const description = body?.error_description.replace(contract.revokePath, paths[endpoint]);
        const text = body === null ? "" : JSON.stringify({ error_description: description, error: body.error });
        assert.deepEqual([reply.status, reply.text], [status, text]);
      }
    });
  }

  it("in the requested order, as often as requested, and at one endpoint only", async () => {
    local.atlas.failNext("issue", 503, { times: 2 });
    local.atlas.failNext("issue", 403);
    local.atlas.failNext("issue", 403, { description: "token LIMIT" });
    assert.equal((await local.call("revoke")).status, 200);
    assert.deepEqual(await statuses(2), [503, 503]);
    assert.match(String((await local.issue()).json["error_description"]), /^IP access list validation failed/);
    assert.match(String((await local.issue()).json["error_description"]), /^Access Token limit reached\./);
    assert.deepEqual(await statuses(1), [200]);
  });

  it("whatever the credentials and the rate limit, without issuing or revoking", async () => {
    const token = await local.token();
    local.atlas.failNext("revoke", 503);
    await local.revoke(token);
    assert.equal(local.atlas.isActive(token), true);
    local.atlas.failNext("issue", 500, { times: 5 });
    assert.equal((await local.issue({ authorization: null })).status, 500);
    // One request of the window is left.
    assert.deepEqual(await statuses(6), [500, 500, 500, 500, 200, 429]);
    assert.equal(local.atlas.tokens().length, 2);
  });

  const changes: [status: number, options: FailureOptions, headers: Record<string, string | null>, text: string][] = [
    [503, { retryAfter: 1 }, { "retry-after": "1" }, ""],
    [503, { retryAfter: "Sun, 01 Nov" }, { "retry-after": "Sun, 01 Nov" }, ""],
    [503, { retryAfter: null }, { "retry-after": null }, ""],
    [500, { headers: { "X-Id": "7" }, body: null }, { "content-type": "application/json", "x-id": "7" }, ""],
    [500, { headers: { "Content-Type": "text/html" }, body: "<h1>" }, { "content-type": "text/html" }, "<h1>"],
    [400, { body: { error: "new" } }, { "content-type": "application/json" }, '{"error":"new"}'],
    // An undocumented status has neither headers nor a body.
    [502, {}, { "content-type": null, "retry-after": null }, ""],
  ];
  for (const [status, options, headers, text] of changes) {
    it(`with ${status} and ${JSON.stringify(options)}`, async () => {
      local.atlas.failNext("issue", status, options);
      const reply = await local.issue();
      assertHeaders(reply, headers);
      assert.deepEqual([reply.status, reply.text], [status, text]);
    });
  }
});

describe("Local Atlas is controlled over HTTP", () => {
  const local = new Fixture();

  function post(path: string, body: unknown): Promise<Reply> {
    return local.send(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  }

  it("with POST /fail and POST /succeed", async () => {
    const request = { endpoint: "revoke", status: 503, times: 50, retryAfter: 1 };
    assert.deepEqual((await post("/fail", request)).json, request);
    await post("/fail", { endpoint: "issue", status: 400, error: "unsupported_grant_type" });
    assertError(await local.issue(), 400, "unsupported_grant_type");
    assertHeaders(await local.call("revoke"), { "retry-after": "1" });
    assert.deepEqual((await post("/succeed", "")).json, { cleared: 49 });
    assert.equal((await local.call("revoke")).status, 200);
  });

  it("with POST /settings, which returns all settings", async () => {
    const settings = { lifetimeSeconds: 7, windowSeconds: 0.5, requestsPerWindow: 0, activeTokens: 100 };
    const reply = await post("/settings", { lifetimeSeconds: 7, windowSeconds: 0.5, requestsPerWindow: 0 });
    assert.deepEqual([reply.json, local.atlas.settings], [settings, settings]);
    assert.equal((await local.issue()).json["expires_in"], 7);
    local.atlas.settings.activeTokens = Infinity;
    assert.equal((await post("/settings", {})).json["activeTokens"], 0);
  });

  const failure = { endpoint: "issue", status: 500 };
  const invalid: [path: string, body: unknown, error: RegExp][] = [
    ["/fail", "endpoint=revoke", /^the body is not valid JSON$/],
    ["/fail", { ...failure, status: 199 }, /^status: expected 200 to 599$/],
    ["/fail", { ...failure, status: 600 }, /^status: expected 200 to 599$/],
    ["/fail", { ...failure, times: 0 }, /^times: expected at least 1$/],
    ["/fail", { ...failure, error: "new" }, /^no failure with status 500 and error "new" is documented; pass a body/],
    ["/fail", { ...failure, headers: { "a b": "c" } }, /^headers: "a b" has an invalid name or value$/],
    ["/fail", { ...failure, retryAfter: true }, /^retryAfter: expected seconds/],
    ["/settings", [], /expected object/],
    ["/settings", { lifetimeSeconds: 0 }, /^lifetimeSeconds: expected at least 1 second$/],
    ["/settings", { activeTokens: null }, /^activeTokens: expected a whole number, 0 for no limit$/],
    ["/settings", { lifetimeSeconds: 5, windowSeconds: 0 }, /^windowSeconds: expected more than 0 seconds$/],
    ["/settings", { port: 1 }, /"port"/],
  ];
  it("and refuses invalid bodies without any effect", async () => {
    const settings = { ...local.atlas.settings };
    for (const [path, body, error] of invalid) {
      const { status, json } = await post(path, body);
      assert.equal(status, 400, `${path} ${JSON.stringify(body)}`);
      assert.match(String(json["error"]), error);
    }
    assert.deepEqual(local.atlas.settings, settings);
    assert.equal((await local.issue()).status, 200);
  });

  it("with POST /introspect and GET /api/atlas/v2, which tell active tokens from others", async () => {
    const introspect = (form: string): Promise<Reply> =>
      local.send("/introspect", { method: "POST", body: new URLSearchParams(form) });
    const use = (token: string): Promise<Reply> =>
      local.send("/api/atlas/v2", { headers: { authorization: `Bearer ${token}` } });
    const [token, revoked, expired] = [await local.token(), await local.token(), await local.token()];
    const { clientId, issuedAt, expiresAt } = local.atlas.tokens()[0]!;
    const [iat, exp] = [issuedAt.getTime() / 1000, expiresAt.getTime() / 1000];
    assert.deepEqual((await introspect(`token=${token}`)).json, { active: true, client_id: clientId, iat, exp });
    const accepted = await use(token);
    assert.equal(accepted.status, 200);
    assertHeaders(accepted, { "content-type": "application/vnd.atlas.2023-01-01+json;charset=utf-8" });

    await local.revoke(revoked);
    local.now = expiresAt.getTime();
    for (const inactive of [revoked, expired, "unknown-token"]) {
      assert.deepEqual((await introspect(`token=${inactive}`)).json, { active: false });
      const body = { detail: "You are not authorized for this resource.", error: 401, reason: "Unauthorized" };
      assert.deepEqual((await use(inactive)).json, body);
    }
    for (const form of ["", "token=", "token=a&token=b", "tokens=a"]) {
      const { status, json } = await introspect(form);
      assert.deepEqual([status, json], [400, { error: "send one token as a form: token=…" }]);
    }
  });
});
