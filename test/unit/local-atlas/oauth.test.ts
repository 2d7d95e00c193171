import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret, type Endpoint } from "../../../examples/local-atlas";
import { contract } from "../../support/oauth/contract";
import { assertError, assertHeaders, basic, endpoints, Fixture, otherAuthorization, startOfClock } from "./support";
import type { Call } from "./support";

const wrongSecret = { authorization: basic(defaultClientId, "wrong-secret") };

describe("Local Atlas", () => {
  const clients = {
    [defaultClientId]: defaultClientSecret,
    "other-client": "other-secret",
    "id with: space": "sécret+ %&:end",
    rotating: ["old-secret", "new-secret"],
  };
  const local = new Fixture({ requestsPerWindow: 0, clients });
  const pair = `${defaultClientId}:${defaultClientSecret}`;
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  it("issues a JWT with the times that it remembers, in whole seconds", async () => {
    local.now += 999;
    const reply = await local.issue();
    assertHeaders(reply, { ...contract.issued.headers, date: "Sun, 01 Nov 2026 12:00:00 GMT" });
    const { access_token: token, ...others } = reply.json;
    assert.deepEqual(others, { expires_in: 3600, token_type: "Bearer" });
    const { jti, ...issued } = local.atlas.tokens()[0]!;
    const [issuedAt, expiresAt] = [new Date(startOfClock), new Date(startOfClock + 3600_000)];
    const stored = { token, clientId: defaultClientId, issuedAt, expiresAt, revokedAt: null, active: true };
    assert.deepEqual(issued, stored);
    const claims: unknown = JSON.parse(Buffer.from(String(token).split(".")[1]!, "base64url").toString());
    const [iat, exp] = [startOfClock / 1000, startOfClock / 1000 + 3600];
    assert.deepEqual(claims, { sub: defaultClientId, jti, iat, exp });
  });

  it("issues a different token each time, with the current lifetime, active until it expires", async () => {
    const first = await local.token();
    local.atlas.settings.lifetimeSeconds = 5;
    const second = await local.token();
    local.wait(4.999);
    assert.equal(local.atlas.isActive(second), true);
    local.wait(0.001);
    assert.deepEqual([local.atlas.isActive(second), local.atlas.isActive(first)], [false, true]);
  });

  it("issues nothing over the limit of active tokens, until one is revoked or expires", async () => {
    local.atlas.settings.activeTokens = 2;
    const [token] = [await local.token(), await local.token()];
    const refused = await local.issue();
    assertError(refused, 403, "access_denied");
    assert.match(String(refused.json["error_description"]), /^Access Token limit reached\./);
    await local.token({ authorization: otherAuthorization });
    await local.revoke(token);
    await local.token();
    assertError(await local.issue(), 403, "access_denied");
    local.wait(3600);
    await local.token();
    for (const unlimited of [0, Infinity]) {
      local.atlas.settings.activeTokens = unlimited;
      for (let sent = 0; sent < 3; sent += 1) await local.token();
    }
  });

  it("revokes one token, whatever the hint, with an empty response, and then leaves it as it is", async () => {
    const kept = await local.token();
    for (const hint of ["", "&token_type_hint=access_token", "&token_type_hint=nonsense"]) {
      const token = await local.token();
      const reply = await local.call("revoke", { form: `token=${token}${hint}` });
      assert.deepEqual([reply.status, reply.text], [200, ""]);
      assertHeaders(reply, contract.revoked.headers);
      assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
    }
    local.wait(3600);
    for (const { token } of local.atlas.tokens()) assert.equal((await local.revoke(token)).status, 200);
    const [ofKept, ...others] = local.atlas.tokens().map(({ revokedAt }) => revokedAt);
    assert.deepEqual([ofKept, others[0]], [null, new Date(startOfClock)]);
  });

  it("refuses to revoke a token of another client", async () => {
    const token = await local.token();
    assertError(await local.revoke(token, { authorization: otherAuthorization }), 400, "invalid_grant");
    assert.equal(local.atlas.isActive(token), true);
  });

  const malformed: [title: string, endpoint: Endpoint, call: Call, error: string][] = [
    ["no grant type", "issue", { form: "" }, "invalid_request"],
    ["an empty grant type", "issue", { form: "grant_type=" }, "invalid_request"],
    ["two grant types", "issue", { form: "grant_type=a&grant_type=a" }, "invalid_request"],
    ["another grant type", "issue", { form: "grant_type=password" }, "unsupported_grant_type"],
    ["no token", "revoke", { form: "token_type_hint=access_token" }, "invalid_request"],
    ["an empty token", "revoke", { form: "token=" }, "invalid_request"],
    ["two tokens", "revoke", { form: "token=a&token=a" }, "invalid_request"],
    ["another content type", "issue", { contentType: "application/json" }, "invalid_request"],
  ];
  for (const [title, endpoint, call, error] of malformed) {
    it(`refuses ${title}`, async () => {
      assertError(await local.call(endpoint, call), 400, error);
      assert.deepEqual(local.atlas.tokens(), []);
      await local.token({ contentType: "Application/X-WWW-Form-Urlencoded; charset=UTF-8" });
    });
  }

  it("accepts the credentials of RFC 6749, and either secret during a rotation", async () => {
    const accepted = {
      "the pair in base64": `Basic ${base64(pair)}`,
      "the scheme in another case": `bAsIc ${base64(pair)}`,
      "both form-urlencoded": basic("id+with%3A+space", "s%C3%A9cret%2B+%25%26%3Aend"),
      "a space as %20 and a colon in the secret": basic("id%20with%3a%20space", "s%C3%A9cret%2B%20%25%26:end"),
      "the old secret during a rotation": basic("rotating", "old-secret"),
      "the new secret during a rotation": basic("rotating", "new-secret"),
    };
    for (const [title, authorization] of Object.entries(accepted)) {
      for (const endpoint of endpoints)
        assert.equal((await local.call(endpoint, { authorization })).status, 200, title);
    }
  });

  it("refuses all other credentials, in the form as well, whatever else is wrong", async () => {
    const refused = {
      "no header": null,
      "a wrong secret": wrongSecret.authorization,
      "a part of the secret": basic(defaultClientId, defaultClientSecret.slice(0, -1)),
      "an unknown client ID": basic("unknown-client", defaultClientSecret),
      "the name of a property of every object": basic("constructor", defaultClientSecret),
      "the secret of another client": basic("rotating", defaultClientSecret),
      "no colon": `Basic ${base64(defaultClientId)}`,
      "the pair without base64": `Basic ${pair}`,
      "a stray percent sign": basic(defaultClientId, "100%"),
      "a Bearer header": `Bearer ${base64(pair)}`,
    };
    const form = `grant_type=client_credentials&client_id=${defaultClientId}&client_secret=${defaultClientSecret}`;
    for (const [title, authorization] of Object.entries(refused)) {
      for (const call of [{ authorization }, { authorization, form: "" }, { authorization, form }]) {
        for (const endpoint of endpoints) assertError(await local.call(endpoint, call), 401, "invalid_client", title);
      }
    }
    assert.deepEqual(local.atlas.tokens(), []);
  });

  it("follows the rotation, addition and removal of accounts, of which only the last revokes tokens", async () => {
    const rotating = { authorization: basic("rotating", "old-secret") };
    const token = await local.token(rotating);
    local.atlas.setSecrets("rotating", ["new-secret"]);
    assertError(await local.revoke(token, rotating), 401, "invalid_client");
    local.atlas.setSecrets("added", ["added-secret"]);
    const kept = await local.token({ authorization: basic("added", "added-secret") });
    assert.equal(local.atlas.isActive(token), true);
    local.atlas.removeClient("rotating");
    assertError(await local.issue({ authorization: basic("rotating", "new-secret") }), 401, "invalid_client");
    assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
  });

  it("indents every body with pretty=true and only then", async () => {
    const text = '{\n  "error_description": "Invalid credentials provided.",\n  "error": "invalid_client"\n}';
    assert.equal((await local.issue({ ...wrongSecret, query: "?pretty=true" })).text, text);
    for (const query of ["", "?pretty=false", "?pretty"]) {
      assert.ok(!(await local.issue({ ...wrongSecret, query })).text.includes("\n"), query);
    }
  });

  it("responds with envelope=true 200 with a status in the body, and the usual headers", async () => {
    const query = "?envelope=true";
    const { access_token: token, ...others } = (await local.issue({ query })).json;
    assert.deepEqual(others, { status: 200, expires_in: 3600, token_type: "Bearer" });
    const revoked = await local.revoke(String(token), { query: `${query}&pretty=true` });
    assert.deepEqual([revoked.status, revoked.text], [200, '{\n  "status": 200\n}']);
    const refused = await local.revoke("unknown-token", { ...wrongSecret, query });
    const body = { status: 401, error_description: "Invalid credentials provided.", error: "invalid_client" };
    assert.deepEqual([refused.status, refused.json], [200, body]);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Digest /);
    assertError(await local.issue({ ...wrongSecret, query: "?envelope=false" }), 401, "invalid_client");
    // A text imitates a proxy, which does not know the parameter.
    local.atlas.failNext("revoke", 502, { body: "<h1>Bad gateway</h1>" });
    const { status, text } = await local.call("revoke", { query });
    assert.deepEqual([status, text], [502, "<h1>Bad gateway</h1>"]);
  });
});

describe("Local Atlas limits the rate", () => {
  const local = new Fixture({ requestsPerWindow: 2, windowSeconds: 20 });

  async function useUp(): Promise<void> {
    for (let sent = 0; sent < 2; sent += 1) await local.token();
  }

  async function assertLimited(retryAfter: string, every = "20 seconds"): Promise<void> {
    const reply = await local.issue();
    assertError(reply, 429, "rate_limited");
    assertHeaders(reply, { "retry-after": retryAfter });
    const description = `Resource /api/oauth/token is limited to 2 requests every ${every}.`;
    assert.equal(reply.json["error_description"], description);
  }

  it("with the seconds that are left of the window as Retry-After, rounded up", async () => {
    await useUp();
    for (const [passed, retryAfter] of [[5, "15"] as const, [5.001, "15"] as const, [19.999, "1"] as const]) {
      local.now = startOfClock + passed * 1000;
      await assertLimited(retryAfter);
    }
    local.atlas.settings.windowSeconds = 120;
    local.now = startOfClock;
    await assertLimited("120", "2 minutes");
    local.atlas.settings.requestsPerWindow = 0;
    await local.token();
  });

  it("in windows that start with their first request, without counting refused requests", async () => {
    await local.token();
    local.wait(19);
    await local.token();
    for (let sent = 0; sent < 3; sent += 1) await assertLimited("1");
    local.wait(1);
    await useUp();
    await assertLimited("20");
  });

  it("counting invalid forms but not wrong credentials, separately for each endpoint and client", async () => {
    for (let sent = 0; sent < 3; sent += 1) assertError(await local.issue(wrongSecret), 401, "invalid_client");
    for (let sent = 0; sent < 2; sent += 1) assertError(await local.issue({ form: "" }), 400, "invalid_request");
    await assertLimited("20");
    assert.equal((await local.call("revoke")).status, 200);
    await local.token({ authorization: otherAuthorization });
  });
});
