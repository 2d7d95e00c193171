import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../../examples/local-atlas";
import { assertFailure, Fixture, headersOf, otherAuthorization, parsed, startOfClock } from "./support";

function partsOf(jwt: string): { header: unknown; claims: Record<string, unknown>; signature: string | undefined } {
  const [header = "", claims = "", signature] = jwt.split(".");
  const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: decoded(header), claims: decoded(claims) as Record<string, unknown>, signature };
}

describe("issuing", () => {
  const local = new Fixture({ requestsPerWindow: 0, activeTokens: 3 });

  it("answers with a token, its life in seconds and its type", async () => {
    const reply = await local.issue();
    assert.equal(reply.status, 200);
    const { access_token: token, ...rest } = parsed(reply);
    assert.ok(typeof token === "string" && local.atlas.isActive(token));
    assert.deepEqual(rest, { expires_in: 3600, token_type: "Bearer" });
    assert.deepEqual(headersOf(reply, ["content-type", "x-mongodb-service-version", "date"]), {
      "content-type": "application/json",
      "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101",
      date: "Sun, 01 Nov 2026 12:00:00 GMT",
    });
  });

  it("issues a signed JWT whose claims are in whole seconds", async () => {
    local.now += 999;
    const { header, claims, signature } = partsOf(await local.token());
    assert.deepEqual(header, { alg: "HS256", typ: "JWT" });
    assert.equal(Buffer.from(signature ?? "", "base64url").length, 32);
    const { jti, ...rest } = claims;
    assert.deepEqual(rest, { sub: defaultClientId, iat: startOfClock / 1000, exp: startOfClock / 1000 + 3600 });
    assert.equal(jti, local.atlas.tokens()[0]?.jti);
  });

  it("issues a different token each time", async () => {
    assert.notEqual(await local.token(), await local.token());
  });

  it("gives a token the life that is set at that moment", async () => {
    local.atlas.settings.lifetimeSeconds = 5;
    const reply = await local.issue();
    assert.equal(parsed(reply)["expires_in"], 5);
    assert.equal(local.atlas.tokens()[0]?.expiresAt.getTime(), startOfClock + 5000);
  });

  it("lets a token be active until the moment it expires", async () => {
    const token = await local.token();
    local.now += 3600 * 1000 - 1;
    assert.equal(local.atlas.isActive(token), true);
    local.now += 1;
    assert.equal(local.atlas.isActive(token), false);
  });

  it("lists what it issued", async () => {
    const token = await local.token();
    const [listed] = local.atlas.tokens();
    assert.deepEqual(listed, {
      token,
      jti: partsOf(token).claims["jti"],
      clientId: defaultClientId,
      issuedAt: new Date(startOfClock),
      expiresAt: new Date(startOfClock + 3600 * 1000),
      revokedAt: null,
      active: true,
    });
  });

  const refused = [
    { description: "no grant type", form: "", error: "invalid_request" },
    { description: "an empty grant type", form: "grant_type=", error: "invalid_request" },
    {
      description: "two grant types",
      form: "grant_type=client_credentials&grant_type=client_credentials",
      error: "invalid_request",
    },
    { description: "another grant type", form: "grant_type=password", error: "unsupported_grant_type" },
    { description: "a JSON body", contentType: "application/json", error: "invalid_request" },
    { description: "a form that is called text", contentType: "text/plain", error: "invalid_request" },
  ];
  for (const { description, error, ...call } of refused) {
    it(`refuses ${description} as ${error}`, async () => {
      assertFailure(await local.issue(call), 400, error);
      assert.deepEqual(local.atlas.tokens(), []);
    });
  }

  it("takes a content type in capitals and with a charset", async () => {
    const reply = await local.issue({ contentType: "Application/X-WWW-Form-Urlencoded; charset=UTF-8" });
    assert.equal(reply.status, 200);
  });

  it("takes no credentials from the form", async () => {
    const form = `grant_type=client_credentials&client_id=${defaultClientId}&client_secret=${defaultClientSecret}`;
    assertFailure(await local.issue({ authorization: null, form }), 401, "invalid_client");
  });

  describe("over the limit of active tokens", () => {
    it("is refused with 403", async () => {
      for (let issued = 0; issued < 3; issued += 1) await local.token();
      const reply = await local.issue();
      assert.equal(reply.status, 403);
      assert.deepEqual(parsed(reply), { error_description: "Access Token limit reached", error: "access_denied" });
      assert.equal(local.atlas.tokens().length, 3);
    });

    it("goes on once a token is revoked", async () => {
      const token = await local.token();
      for (let issued = 1; issued < 3; issued += 1) await local.token();
      await local.revoke(token);
      assert.equal((await local.issue()).status, 200);
    });

    it("goes on once tokens expire", async () => {
      for (let issued = 0; issued < 3; issued += 1) await local.token();
      local.wait(3600);
      assert.equal((await local.issue()).status, 200);
    });

    it("leaves other clients alone", async () => {
      for (let issued = 0; issued < 3; issued += 1) await local.token();
      assert.equal((await local.issue({ authorization: otherAuthorization })).status, 200);
    });

    for (const off of [0, Infinity]) {
      it(`goes on where the limit is ${off}`, async () => {
        local.atlas.settings.activeTokens = off;
        for (let issued = 0; issued < 4; issued += 1) await local.token();
      });
    }
  });
});
