import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../../examples/local-atlas";
import { assertError, basic, endpoints, Fixture, headersOf, otherAuthorization, parsed, startOfClock } from "./support";

const wrongSecret = { authorization: basic(defaultClientId, "wrong-secret") };

describe("Local Atlas issues", () => {
  const local = new Fixture({ requestsPerWindow: 0, activeTokens: 3 });

  it("a signed JWT, its lifetime in seconds and its type", async () => {
    local.now += 999;
    const reply = await local.issue();
    assert.equal(reply.status, 200);
    const { access_token: token, ...others } = parsed(reply);
    assert.deepEqual(others, { expires_in: 3600, token_type: "Bearer" });
    assert.deepEqual(headersOf(reply, ["content-type", "x-mongodb-service-version", "date"]), {
      "content-type": "application/json",
      "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101",
      date: "Sun, 01 Nov 2026 12:00:00 GMT",
    });

    const [header = "", claims = "", signature = ""] = String(token).split(".");
    const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
    assert.deepEqual(decoded(header), { alg: "HS256", typ: "JWT" });
    assert.equal(Buffer.from(signature, "base64url").length, 32);
    const [issued] = local.atlas.tokens();
    // The times are whole seconds.
    const [iat, exp] = [startOfClock / 1000, startOfClock / 1000 + 3600];
    assert.deepEqual(decoded(claims), { sub: defaultClientId, jti: issued?.jti, iat, exp });
    assert.deepEqual(issued, {
      token,
      jti: issued?.jti,
      clientId: defaultClientId,
      issuedAt: new Date(startOfClock),
      expiresAt: new Date(startOfClock + 3600_000),
      revokedAt: null,
      active: true,
    });
  });

  it("a different token each time, with the current lifetime, active until it expires", async () => {
    const first = await local.token();
    local.atlas.settings.lifetimeSeconds = 5;
    const second = await local.token();
    assert.notEqual(first, second);
    local.now += 5000 - 1;
    assert.equal(local.atlas.isActive(second), true);
    local.now += 1;
    assert.deepEqual([local.atlas.isActive(second), local.atlas.isActive(first)], [false, true]);
  });

  it("nothing without one grant type in a form", async () => {
    const twice = "grant_type=client_credentials&grant_type=client_credentials";
    for (const form of ["", "grant_type=", twice]) assertError(await local.issue({ form }), 400, "invalid_request");
    for (const contentType of ["application/json", "text/plain"]) {
      assertError(await local.issue({ contentType }), 400, "invalid_request");
    }
    assertError(await local.issue({ form: "grant_type=password" }), 400, "unsupported_grant_type");
    assert.deepEqual(local.atlas.tokens(), []);
    const contentType = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    assert.equal((await local.issue({ contentType })).status, 200);
  });

  it("nothing over the limit of active tokens, until one is revoked or expires", async () => {
    const token = await local.token();
    await local.token();
    await local.token();
    const refused = await local.issue();
    assertError(refused, 403, "access_denied");
    assert.match(String(parsed(refused)["error_description"]), /^Access Token limit reached\. Please use the existing/);
    assert.equal((await local.issue({ authorization: otherAuthorization })).status, 200);
    await local.revoke(token);
    assert.equal((await local.issue()).status, 200);
    assert.equal((await local.issue()).status, 403);
    local.wait(3600);
    assert.equal((await local.issue()).status, 200);
    for (const off of [0, Infinity]) {
      local.atlas.settings.activeTokens = off;
      for (let sent = 0; sent < 4; sent += 1) await local.token();
    }
  });
});

describe("Local Atlas revokes", () => {
  const local = new Fixture();

  it("one token, without a response body", async () => {
    const [token, kept] = [await local.token(), await local.token()];
    local.wait(60);
    const reply = await local.revoke(token);
    assert.equal(reply.status, 200);
    assert.equal(reply.text, "");
    const headers = {
      "content-type": "application/json",
      "content-length": "0",
      vary: "Accept-Encoding",
      "strict-transport-security": "max-age=300",
      "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101",
    };
    assert.deepEqual(headersOf(reply, Object.keys(headers)), headers);
    assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
    assert.deepEqual(local.atlas.tokens()[0]?.revokedAt, new Date(startOfClock + 60_000));
  });

  it("an unknown, a revoked and an expired token without an error or an effect", async () => {
    assert.equal((await local.revoke("unknown-token")).status, 200);
    const [revoked, expired] = [await local.token(), await local.token()];
    await local.revoke(revoked);
    local.wait(3600);
    assert.equal((await local.revoke(revoked)).status, 200);
    assert.equal((await local.revoke(expired)).status, 200);
    const revokedAt = local.atlas.tokens().map((token) => token.revokedAt);
    assert.deepEqual(revokedAt, [new Date(startOfClock), null]);
  });

  it("no token of another client, none with a wrong secret, and none without one token in a form", async () => {
    const token = await local.token();
    assertError(await local.revoke(token, { authorization: otherAuthorization }), 400, "invalid_grant");
    assertError(await local.revoke(token, wrongSecret), 401, "invalid_client");
    for (const form of ["token_type_hint=access_token", "token=", `token=${token}&token=${token}`]) {
      assertError(await local.call("revoke", { form }), 400, "invalid_request");
    }
    for (const contentType of ["application/json", "text/plain"]) {
      assertError(await local.revoke(token, { contentType }), 400, "invalid_request");
    }
    assert.equal(local.atlas.isActive(token), true);
  });

  it("a token whatever the hint", async () => {
    for (const hint of ["", "&token_type_hint=refresh_token", "&token_type_hint=nonsense"]) {
      const token = await local.token();
      assert.equal((await local.call("revoke", { form: `token=${token}${hint}` })).status, 200);
      assert.equal(local.atlas.isActive(token), false);
    }
  });
});

describe("Local Atlas checks credentials", () => {
  const local = new Fixture({
    requestsPerWindow: 0,
    clients: {
      [defaultClientId]: defaultClientSecret,
      "id with: space": "sécret+ %&:end",
      rotating: ["old-secret", "new-secret"],
    },
  });
  const pair = `${defaultClientId}:${defaultClientSecret}`;
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  const accepted = {
    "the pair in base64": `Basic ${base64(pair)}`,
    "the scheme in another case": `bAsIc ${base64(pair)}`,
    "both form-urlencoded": basic("id+with%3A+space", "s%C3%A9cret%2B+%25%26%3Aend"),
    "a space as %20 and a colon in the secret": basic("id%20with%3a%20space", "s%C3%A9cret%2B%20%25%26:end"),
    "the old secret during a rotation": basic("rotating", "old-secret"),
    "the new secret during a rotation": basic("rotating", "new-secret"),
  };
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
  for (const endpoint of endpoints) {
    it(`accepts valid ones (${endpoint})`, async () => {
      for (const [description, authorization] of Object.entries(accepted)) {
        assert.equal((await local.valid(endpoint, { authorization })).status, 200, description);
      }
    });

    it(`refuses all others (${endpoint})`, async () => {
      for (const [description, authorization] of Object.entries(refused)) {
        const reply = await local.valid(endpoint, { authorization });
        assertError(reply, 401, "invalid_client", description);
        assert.match(reply.headers.get("www-authenticate") ?? "", /^Digest realm="MMS Public API"/);
      }
      assert.deepEqual(local.atlas.tokens(), []);
    });
  }

  it("before the form, and not in the form", async () => {
    assertError(await local.issue({ ...wrongSecret, form: "" }), 401, "invalid_client");
    const form = `grant_type=client_credentials&client_id=${defaultClientId}&client_secret=${defaultClientSecret}`;
    assertError(await local.issue({ authorization: null, form }), 401, "invalid_client");
  });

  it("of rotated, added and removed accounts", async () => {
    const rotating = basic("rotating", "old-secret");
    const token = await local.token({ authorization: rotating });
    const secrets = ["new-secret"];
    local.atlas.setSecrets("rotating", secrets);
    secrets.push("old-secret");
    assertError(await local.revoke(token, { authorization: rotating }), 401, "invalid_client");
    assert.equal(local.atlas.isActive(token), true);

    local.atlas.setSecrets("added", ["added-secret"]);
    const kept = await local.token({ authorization: basic("added", "added-secret") });
    local.atlas.removeClient("rotating");
    assertError(await local.issue({ authorization: basic("rotating", "new-secret") }), 401, "invalid_client");
    assert.deepEqual([local.atlas.isActive(token), local.atlas.isActive(kept)], [false, true]);
  });
});

describe("Local Atlas limits the rate", () => {
  const local = new Fixture({ requestsPerWindow: 2, windowSeconds: 20 });

  async function useUp(): Promise<void> {
    for (let sent = 0; sent < 2; sent += 1) assert.equal((await local.issue()).status, 200);
  }

  async function assertLimited(retryAfter: string): Promise<void> {
    const reply = await local.issue();
    assertError(reply, 429, "rate_limited");
    assert.equal(reply.headers.get("retry-after"), retryAfter);
  }

  it("in words that name the path, the requests and the window", async () => {
    await useUp();
    const issue = parsed(await local.issue())["error_description"];
    assert.equal(issue, "Resource /api/oauth/token is limited to 2 requests every 20 seconds.");
    local.atlas.settings.windowSeconds = 120;
    for (let sent = 0; sent < 2; sent += 1) await local.revoke("unknown-token");
    const revoke = parsed(await local.revoke("unknown-token"))["error_description"];
    assert.equal(revoke, "Resource /api/oauth/revoke is limited to 2 requests every 2 minutes.");
    assert.equal(local.atlas.tokens().length, 2);
  });

  const waits = [
    { windowSeconds: 20, waited: 5, retryAfter: "15" },
    { windowSeconds: 20, waited: 5.001, retryAfter: "15" },
    { windowSeconds: 20, waited: 19.999, retryAfter: "1" },
    { windowSeconds: 0.25, waited: 0.1, retryAfter: "1" },
  ];
  for (const { windowSeconds, waited, retryAfter } of waits) {
    it(`with Retry-After ${retryAfter} when ${waited} of ${windowSeconds} s have passed`, async () => {
      local.atlas.settings.windowSeconds = windowSeconds;
      await useUp();
      local.wait(waited);
      await assertLimited(retryAfter);
    });
  }

  it("in windows that start with their first request, without counting refused requests", async () => {
    await local.issue();
    local.wait(19);
    await local.issue();
    for (let sent = 0; sent < 3; sent += 1) await assertLimited("1");
    local.wait(1);
    await useUp();
    await assertLimited("20");
  });

  it("counting invalid forms, but not wrong credentials", async () => {
    for (let sent = 0; sent < 3; sent += 1) assert.equal((await local.issue(wrongSecret)).status, 401);
    for (let sent = 0; sent < 2; sent += 1) assert.equal((await local.issue({ form: "" })).status, 400);
    await assertLimited("20");
  });

  it("separately for each endpoint and client", async () => {
    await useUp();
    assert.equal((await local.revoke("unknown-token")).status, 200);
    assert.equal((await local.issue({ authorization: otherAuthorization })).status, 200);
  });

  it("by its current settings", async () => {
    await useUp();
    local.atlas.settings.requestsPerWindow = 3;
    assert.equal((await local.issue()).status, 200);
    local.atlas.settings.windowSeconds = 10;
    local.wait(10);
    assert.equal((await local.issue()).status, 200);
    for (const off of [0, Infinity]) {
      local.atlas.settings.requestsPerWindow = off;
      for (let sent = 0; sent < 4; sent += 1) assert.equal((await local.issue()).status, 200);
    }
  });
});

describe("Local Atlas formats", () => {
  const local = new Fixture({ requestsPerWindow: 1 });
  const failing = { authorization: null };

  it("every body with pretty=true and only then", async () => {
    const text = '{\n  "error_description": "Invalid credentials provided.",\n  "error": "invalid_client"\n}';
    assert.equal((await local.issue({ ...failing, query: "?pretty=true" })).text, text);
    assert.equal((await local.revoke("unknown-token", { query: "?pretty=true" })).text, "");
    for (const query of ["", "?pretty=false", "?pretty=1", "?pretty"]) {
      assert.ok(!(await local.issue({ ...failing, query })).text.includes("\n"));
    }
  });

  it("a success and a failure with envelope=true as 200 with a status in the body", async () => {
    const query = "?envelope=true";
    const { access_token: token, ...others } = parsed(await local.issue({ query }));
    assert.deepEqual(others, { status: 200, expires_in: 3600, token_type: "Bearer" });
    const revoked = await local.revoke(String(token), { query: `${query}&pretty=true` });
    assert.deepEqual([revoked.status, revoked.text], [200, '{\n  "status": 200\n}']);

    const refused = await local.revoke("unknown-token", { ...failing, query });
    const body = { status: 401, error_description: "Invalid credentials provided.", error: "invalid_client" };
    assert.deepEqual([refused.status, parsed(refused)], [200, body]);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Digest /);

    const limited = await local.revoke("unknown-token", { query });
    assert.deepEqual([limited.status, parsed(limited)["status"], limited.headers.get("retry-after")], [200, 429, "60"]);
    local.atlas.failNext("revoke", 503);
    assert.equal((await local.revoke("unknown-token", { query })).text, '{"status":503}');
    for (const off of ["?envelope=false", "?envelope=1"]) {
      assert.equal((await local.revoke("unknown-token", { ...failing, query: off })).status, 401);
    }
  });

  it("no text, which imitates a proxy", async () => {
    local.atlas.failNext("revoke", 502, { body: "<h1>Bad gateway</h1>" });
    const reply = await local.revoke("unknown-token", { query: "?envelope=true" });
    assert.deepEqual([reply.status, reply.text], [502, "<h1>Bad gateway</h1>"]);
  });
});
