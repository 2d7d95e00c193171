import assert from "node:assert/strict";

import { UsageError, type Endpoint, type FailureOptions } from "../../../examples/local-atlas";
import { contract } from "../../support/oauth/contract";
import { assertError, endpoints, Fixture, headersOf, parsed, paths, type Reply } from "./support";

describe("Local Atlas fails on request", () => {
  const local = new Fixture({ requestsPerWindow: 2 });

  async function statuses(count: number): Promise<number[]> {
    const seen: number[] = [];
    for (let sent = 0; sent < count; sent += 1) seen.push((await local.issue()).status);
    return seen;
  }

  for (const endpoint of endpoints) {
    it(`with every documented response (${endpoint})`, async () => {
      for (const { status, headers, body } of contract.failures) {
        local.atlas.failNext(endpoint, status, body === null ? {} : { error: body.error });
        const reply = await local.valid(endpoint);
        assert.equal(reply.status, status);
        const expected = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
        for (const [name, value] of expected) if (name !== "retry-after") assert.equal(reply.headers.get(name), value);
        const description = body?.error_description.replace(contract.revokePath, paths[endpoint]);
        assert.equal(reply.text, (body && JSON.stringify({ error_description: description, error: body.error })) || "");
      }
    });
  }

  it("with either documented 403 of the token endpoint", async () => {
    local.atlas.failNext("issue", 403);
    local.atlas.failNext("issue", 403, { description: "token LIMIT" });
    assert.match(String(parsed(await local.issue())["error_description"]), /^IP access list validation failed/);
    assert.match(String(parsed(await local.issue())["error_description"]), /^Access Token limit reached\./);
  });

  it("in the requested order, as often as requested, and at one endpoint only", async () => {
    local.atlas.failNext("issue", 503, { times: 2 });
    local.atlas.failNext("issue", 403);
    assert.equal((await local.revoke("unknown-token")).status, 200);
    assert.deepEqual(await statuses(4), [503, 503, 403, 200]);
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

  it("with the requested Retry-After, or with none", async () => {
    const rows: [string | number | null, string | null][] = [
      [1, "1"],
      ["3", "3"],
      ["Sun, 01 Nov 2026 12:00:09 GMT", "Sun, 01 Nov 2026 12:00:09 GMT"],
      [-1, "-1"],
      [null, null],
    ];
    for (const status of [429, 503, 500]) {
      for (const [retryAfter, sent] of rows) {
        local.atlas.failNext("revoke", status, { retryAfter });
        assert.equal((await local.revoke("unknown-token")).headers.get("retry-after"), sent);
      }
    }
  });

  it("with the requested headers and body", async () => {
    local.atlas.failNext("issue", 500, { headers: { "Content-Type": "text/html", "X-Request-Id": "7" } });
    const { headers } = await local.issue();
    assert.deepEqual([headers.get("content-type"), headers.get("x-request-id")], ["text/html", "7"]);
    const bodies: [NonNullable<FailureOptions["body"]> | null, string][] = [
      [{ error: "new_error" }, '{"error":"new_error"}'],
      ["<h1>Bad gateway</h1>", "<h1>Bad gateway</h1>"],
      ["", ""],
      [null, ""],
    ];
    for (const [body, text] of bodies) {
      local.atlas.failNext("issue", 400, { body });
      const reply = await local.issue();
      assert.deepEqual([reply.status, reply.text], [400, text]);
    }
  });

  it("with an undocumented status, without headers and body", async () => {
    local.atlas.failNext("issue", 502);
    const reply = await local.issue();
    assert.deepEqual([reply.status, reply.text, reply.headers.get("content-type")], [502, "", null]);
  });

  const invalid: { endpoint?: string; status: number; options?: FailureOptions; message: RegExp }[] = [
    { endpoint: "login", status: 500, message: /^endpoint: .*"issue"\|"revoke"$/ },
    { status: 199, message: /^status: expected 200 to 599$/ },
    { status: 600, message: /^status: expected 200 to 599$/ },
    { status: 500.5, message: /^status: expected an HTTP status$/ },
    { status: 500, options: { times: 0 }, message: /^times: expected at least 1$/ },
    { status: 500, options: { times: Infinity }, message: /^times: expected a whole number$/ },
    {
      status: 400,
      options: { error: "server_error" },
      message: /^no failure with status 400 and error "server_error"/,
    },
    {
      status: 403,
      options: { description: "no such" },
      message: /^no failure with status 403 and description "no such"/,
    },
    { status: 500, options: { headers: { "a b": "c" } }, message: /^headers: "a b" has an invalid name or value$/ },
    { status: 500, options: { retryAfter: "1\r\nX: y" }, message: /^headers: "retry-after" has an invalid/ },
  ];
  for (const { endpoint = "issue", status, options, message } of invalid) {
    it(`unless the request is invalid: ${endpoint} ${status} ${JSON.stringify(options ?? {})}`, async () => {
      assert.throws(
        () => local.atlas.failNext(endpoint as Endpoint, status, options),
        (error) => error instanceof UsageError && message.test(error.message),
      );
      assert.deepEqual(await statuses(1), [200]);
    });
  }
});

describe("Local Atlas is controlled over HTTP", () => {
  const local = new Fixture();

  function post(path: string, body: unknown): Promise<Reply> {
    return local.send(path, { body: typeof body === "string" ? body : JSON.stringify(body) });
  }

  it("with POST /fail and POST /succeed", async () => {
    const request = { endpoint: "revoke", status: 503, times: 50, retryAfter: 1 };
    assert.deepEqual(parsed(await post("/fail", request)), request);
    await post("/fail", { endpoint: "issue", status: 400, error: "unsupported_grant_type" });
    assertError(await local.issue(), 400, "unsupported_grant_type");
    assert.equal((await local.revoke("unknown-token")).headers.get("retry-after"), "1");
    assert.deepEqual(parsed(await post("/succeed", "")), { cleared: 49 });
    assert.equal((await local.revoke("unknown-token")).status, 200);
  });

  it("with POST /settings, which returns all settings", async () => {
    const settings = { lifetimeSeconds: 7, windowSeconds: 0.5, requestsPerWindow: 0, activeTokens: 100 };
    const reply = await post("/settings", { lifetimeSeconds: 7, windowSeconds: 0.5, requestsPerWindow: 0 });
    assert.deepEqual(parsed(reply), settings);
    assert.deepEqual(local.atlas.settings, settings);
    assert.equal(parsed(await local.issue())["expires_in"], 7);
    local.atlas.settings.activeTokens = Infinity;
    assert.equal(parsed(await post("/settings", {}))["activeTokens"], 0);
  });

  const invalid: { path: string; body: unknown; error: RegExp }[] = [
    { path: "/fail", body: "endpoint=revoke", error: /^the body is not valid JSON$/ },
    { path: "/fail", body: "null", error: /expected object/ },
    { path: "/fail", body: {}, error: /^endpoint: .*; status: / },
    { path: "/fail", body: { endpoint: "issue", status: 500, times: "2" }, error: /^times: expected a whole number$/ },
    {
      path: "/fail",
      body: { endpoint: "issue", status: 500, retryAfter: true },
      error: /^retryAfter: expected seconds/,
    },
    { path: "/fail", body: { endpoint: "issue", status: 500, body: [] }, error: /^body: expected an object/ },
    { path: "/fail", body: { endpoint: "issue", status: 500, time: 2 }, error: /"time"/ },
    { path: "/settings", body: "windowSeconds=1", error: /^the body is not valid JSON$/ },
    { path: "/settings", body: [], error: /expected object/ },
    { path: "/settings", body: { lifetimeSeconds: 0 }, error: /^lifetimeSeconds: expected at least 1 second$/ },
    {
      path: "/settings",
      body: { lifetimeSeconds: 1.5 },
      error: /^lifetimeSeconds: expected a whole number of seconds$/,
    },
    { path: "/settings", body: { windowSeconds: 0 }, error: /^windowSeconds: expected more than 0 seconds$/ },
    { path: "/settings", body: { windowSeconds: "1" }, error: /^windowSeconds: expected a number of seconds$/ },
    { path: "/settings", body: { requestsPerWindow: -1 }, error: /^requestsPerWindow: expected a whole number, 0 for/ },
    {
      path: "/settings",
      body: { activeTokens: null },
      error: /^activeTokens: expected a whole number, 0 for no limit$/,
    },
    { path: "/settings", body: { port: 1 }, error: /"port"/ },
    { path: "/settings", body: { lifetimeSeconds: 5, windowSeconds: -1 }, error: /^windowSeconds: / },
  ];
  for (const { path, body, error } of invalid) {
    it(`unless the body is invalid: ${path} ${JSON.stringify(body)}`, async () => {
      const settings = { ...local.atlas.settings };
      const reply = await post(path, body);
      assert.equal(reply.status, 400);
      assert.match(String(parsed(reply)["error"]), error);
      assert.deepEqual(local.atlas.settings, settings);
      assert.equal((await local.issue()).status, 200);
    });
  }

  it("with POST /introspect, which describes active tokens only", async () => {
    const introspect = (form: string): Promise<Reply> =>
      local.send("/introspect", { headers: { "content-type": "application/x-www-form-urlencoded" }, body: form });
    const [active, revoked, expired] = [await local.token(), await local.token(), await local.token()];
    const { clientId, issuedAt, expiresAt } = local.atlas.tokens()[0]!;
    const [iat, exp] = [issuedAt.getTime() / 1000, expiresAt.getTime() / 1000];
    assert.deepEqual(parsed(await introspect(`token=${active}`)), { active: true, client_id: clientId, iat, exp });
    await local.revoke(revoked);
    for (const token of [revoked, active.slice(0, -2)]) {
      assert.deepEqual(parsed(await introspect(`token=${token}`)), { active: false });
    }
    local.wait(3600);
    assert.deepEqual(parsed(await introspect(`token=${expired}`)), { active: false });
    for (const form of ["", "token=", "token=a&token=b", "tokens=a"]) {
      const reply = await introspect(form);
      assert.deepEqual([reply.status, parsed(reply)], [400, { error: "send one token as a form: token=…" }]);
    }
  });

  it("with GET /api/atlas/v2, which only an active token may call", async () => {
    const get = (token: string): Promise<Reply> =>
      local.send("/api/atlas/v2", { method: "GET", headers: { authorization: `Bearer ${token}` } });
    const token = await local.token();
    const reply = await get(token);
    const headers = { "content-type": "application/vnd.atlas.2023-01-01+json;charset=utf-8" };
    assert.deepEqual([reply.status, headersOf(reply, Object.keys(headers))], [200, headers]);
    await local.revoke(token);
    for (const inactive of [token, "unknown-token"]) {
      const { status, text } = await get(inactive);
      const body = { detail: "You are not authorized for this resource.", error: 401, reason: "Unauthorized" };
      assert.deepEqual([status, text], [401, JSON.stringify(body)]);
    }
  });
});
