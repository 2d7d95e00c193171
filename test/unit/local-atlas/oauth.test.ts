import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../../examples/local-atlas";
import { contract } from "../../support/oauth/contract";
import { assertError, assertHeaders, basic, endpoints, Fixture, otherAuthorization, startOfClock } from "./support";

const wrongSecret = { authorization: basic(defaultClientId, "wrong-secret") };

describe("Local Atlas issues", () => {
  const local = new Fixture({ requestsPerWindow: 0, activeTokens: 3 });

  it("a JWT with the times that it remembers, in whole seconds", async () => {
    local.now += 999;
    const reply = await local.issue();
    assertHeaders(reply, contract.issued.headers);
    assertHeaders(reply, { date: "Sun, 01 Nov 2026 12:00:00 GMT" });
    const { access_token: token, ...others } = reply.json;
    assert.deepEqual(others, { expires_in: 3600, token_type: "Bearer" });

    const { jti, ...issued } = local.atlas.tokens()[0]!;
    const [issuedAt, expiresAt] = [new Date(startOfClock), new Date(startOfClock + 3600_000)];
    const stored = { token, clientId: defaultClientId, issuedAt, expiresAt, revokedAt: null, active: true };
    assert.deepEqual(issued, stored);
    const [iat, exp] = [startOfClock / 1000, startOfClock / 1000 + 3600];
    const claims = Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString();
    assert.deepEqual(JSON.parse(claims), { sub: defaultClientId, jti, iat, exp });
  });

  it("a different token each time, with the current lifetime, active until it expires", async () => {
    const first = await local.token();
    local.atlas.settings.lifetimeSeconds = 5;
    const second = await local.token();
    assert.notEqual(first, second);
    local.wait(4.999);
    assert.equal(local.atlas.isActive(second), true);
    local.wait(0.001);
    assert.deepEqual([local.atlas.isActive(second), local.atlas.isActive(first)], [false, true]);
  });

  it("nothing without one grant type in a form", async () => {
    const twice = "grant_type=client_credentials&grant_type=client_credentials";
    for (const form of ["", "grant_type=", twice]) assertError(await local.issue({ form }), 400, "invalid_request");
    assertError(await local.issue({ contentType: "application/json" }), 400, "invalid_request");
    assertError(await local.issue({ form: "grant_type=password" }), 400, "unsupported_grant_type");
    assert.deepEqual(local.atlas.tokens(), []);
    await local.token({ contentType: "Application/X-WWW-Form-Urlencoded; charset=UTF-8" });
  });

  it("nothing over the limit of active tokens, until one is revoked or expires", async () => {
    const [token] = [await local.token(), await local.token(), await local.token()];
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
      for (let sent = 0; sent < 4; sent += 1) await local.token();
    }
  });
});

describe("Local Atlas revokes", () => {
  const local = new Fixture();

  it("one token, whatever the hint, with an empty response", async () => {
    const kept = await local.token();
    for (const hint of ["", "&token_type_hint=access_token", "&token_type_hint=nonsense"]) {
      const token = await local.token();
      const reply = await local.revoke(token, { form: `token=${token}${hint}` });
      assert.deepEqual([reply.status, reply.text], [200, ""]);
      assertHeaders(reply, contract.revoked.headers);
      assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
    }
  });

  it("a revoked and an expired token without an effect", async () => {
    const [revoked, expired] = [await local.token(), await local.token()];
    await local.revoke(revoked);
    local.wait(3600);
    for (const token of [revoked, expired]) assert.equal((await local.revoke(token)).status, 200);
    const revokedAt = local.atlas.tokens().map((token) => token.revokedAt);
    assert.deepEqual(revokedAt, [new Date(startOfClock), null]);
  });

  it("no token of another client, none with a wrong secret, and none without one token in a form", async () => {
    const token = await local.token();
    assertError(await local.revoke(token, { authorization: otherAuthorization }), 400, "invalid_grant");
    assertError(await local.revoke(token, wrongSecret), 401, "invalid_client");
    assertError(await local.revoke(token, { contentType: "text/plain" }), 400, "invalid_request");
    for (const form of ["token_type_hint=access_token", "token=", `token=${token}&token=${token}`]) {
      assertError(await local.revoke(token, { form }), 400, "invalid_request");
    }
    assert.equal(local.atlas.isActive(token), true);
  });
});

describe("Local Atlas checks credentials", () => {
  const clients = {
    [defaultClientId]: defaultClientSecret,
    "id with: space": "sécret+ %&:end",
    rotating: ["old-secret", "new-secret"],
  };
  const local = new Fixture({ requestsPerWindow: 0, clients });
  const pair = `${defaultClientId}:${defaultClientSecret}`;
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  it("and accepts valid ones", async () => {
    const accepted = {
      "the pair in base64": `Basic ${base64(pair)}`,
      "the scheme in another case": `bAsIc ${base64(pair)}`,
      "both form-urlencoded": basic("id+with%3A+space", "s%C3%A9cret%2B+%25%26%3Aend"),
      "a space as %20 and a colon in the secret": basic("id%20with%3a%20space", "s%C3%A9cret%2B%20%25%26:end"),
      "the old secret during a rotation": basic("rotating", "old-secret"),
      "the new secret during a rotation": basic("rotating", "new-secret"),
    };
    for (const [description, authorization] of Object.entries(accepted)) {
      for (const endpoint of endpoints) {
        assert.equal((await local.call(endpoint, { authorization })).status, 200, description);
      }
    }
  });

  it("and refuses all others, in the form as well, whatever else is wrong", async () => {
    const refused = {
      "no header": null,
      "a wrong secret": wrongSecret.authorization,
      "a part of the secret": basic(defaultClientId, defaultClientSecret.slice(0, -1)),
      "an empty secret": basic(defaultClientId, ""),
      "an unknown client ID": basic("unknown-client", defaultClientSecret),
      "the name of a property of every object": basic("constructor", defaultClientSecret),
      "the secret of another client": basic("rotating", defaultClientSecret),
      "no colon": `Basic ${base64(defaultClientId)}`,
      "the pair without base64": `Basic ${pair}`,
      "a stray percent sign": basic(defaultClientId, "100%"),
      "a Bearer header": `Bearer ${base64(pair)}`,
      "a scheme alone": "Basic",
    };
    const inForm = `grant_type=client_credentials&client_id=${defaultClientId}&client_secret=${defaultClientSecret}`;
    for (const [description, authorization] of Object.entries(refused)) {
      for (const call of [{ authorization }, { authorization, form: "" }, { authorization, form: inForm }]) {
        for (const endpoint of endpoints) {
          const reply = await local.call(endpoint, call);
          assertError(reply, 401, "invalid_client", description);
          assert.match(reply.headers.get("www-authenticate") ?? "", /^Digest realm="MMS Public API"/);
        }
      }
    }
    assert.deepEqual(local.atlas.tokens(), []);
  });

  it("of rotated, added and removed accounts", async () => {
    const rotating = { authorization: basic("rotating", "old-secret") };
    const token = await local.token(rotating);
    local.atlas.setSecrets("rotating", ["new-secret"]);
    assertError(await local.revoke(token, rotating), 401, "invalid_client");
    local.atlas.setSecrets("added", ["added-secret"]);
    const kept = await local.token({ authorization: basic("added", "added-secret") });
    assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [true, true]);
    local.atlas.removeClient("rotating");
    assertError(await local.issue({ authorization: basic("rotating", "new-secret") }), 401, "invalid_client");
    assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
  });
});

describe("Local Atlas limits the rate", () => {
  const local = new Fixture({ requestsPerWindow: 2, windowSeconds: 20 });

  async function useUp(): Promise<void> {
    for (let sent = 0; sent < 2; sent += 1) await local.token();
  }

  async function assertLimited(retryAfter: string): Promise<void> {
    const reply = await local.issue();
    assertError(reply, 429, "rate_limited");
    assertHeaders(reply, { "retry-after": retryAfter });
  }

  it("in words that name the path, the requests and the window", async () => {
    await useUp();
    const issue = "Resource /api/oauth/token is limited to 2 requests every 20 seconds.";
    assert.equal((await local.issue()).json["error_description"], issue);
    local.atlas.settings.windowSeconds = 120;
    for (let sent = 0; sent < 2; sent += 1) await local.call("revoke");
    const revoke = "Resource /api/oauth/revoke is limited to 2 requests every 2 minutes.";
    assert.equal((await local.call("revoke")).json["error_description"], revoke);
  });

  it("with the seconds that are left of the window as Retry-After, rounded up", async () => {
    await useUp();
    const waits: [windowSeconds: number, passed: number, retryAfter: string][] = [
      [20, 5, "15"],
      [20, 5.001, "15"],
      [20, 19.999, "1"],
      [0.25, 0.1, "1"],
    ];
    for (const [windowSeconds, passed, retryAfter] of waits) {
      local.now = startOfClock + passed * 1000;
      local.atlas.settings.windowSeconds = windowSeconds;
      await assertLimited(retryAfter);
    }
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

  it("by its current settings", async () => {
    await useUp();
    local.atlas.settings.requestsPerWindow = 3;
    await local.token();
    local.atlas.settings.windowSeconds = 10;
    local.wait(10);
    for (const requestsPerWindow of [0, Infinity]) {
      local.atlas.settings.requestsPerWindow = requestsPerWindow;
      for (let sent = 0; sent < 4; sent += 1) await local.token();
    }
  });
});

describe("Local Atlas formats", () => {
  const local = new Fixture();
  const failing = { authorization: null };

  it("every body with pretty=true and only then", async () => {
    const text = '{\n  "error_description": "Invalid credentials provided.",\n  "error": "invalid_client"\n}';
    assert.equal((await local.issue({ ...failing, query: "?pretty=true" })).text, text);
    for (const query of ["", "?pretty=false", "?pretty=1", "?pretty"]) {
      assert.ok(!(await local.issue({ ...failing, query })).text.includes("\n"), query);
    }
  });

  it("every response with envelope=true as 200 with a status in the body, and the usual headers", async () => {
    const query = "?envelope=true";
    const { access_token: token, ...others } = (await local.issue({ query })).json;
    assert.deepEqual(others, { status: 200, expires_in: 3600, token_type: "Bearer" });
    const revoked = await local.revoke(String(token), { query: `${query}&pretty=true` });
    assert.deepEqual([revoked.status, revoked.text], [200, '{\n  "status": 200\n}']);
    const refused = await local.revoke("unknown-token", { ...failing, query });
    const body = { status: 401, error_description: "Invalid credentials provided.", error: "invalid_client" };
    assert.deepEqual([refused.status, refused.json], [200, body]);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Digest /);
    local.atlas.failNext("revoke", 503);
    assert.equal((await local.call("revoke", { query })).text, '{"status":503}');
    assertError(await local.issue({ ...failing, query: "?envelope=false" }), 401, "invalid_client");
  });

  it("no text, which imitates a proxy", async () => {
    local.atlas.failNext("revoke", 502, { body: "<h1>Bad gateway</h1>" });
    const reply = await local.call("revoke", { query: "?envelope=true" });
    assert.deepEqual([reply.status, reply.text], [502, "<h1>Bad gateway</h1>"]);
  });
});
