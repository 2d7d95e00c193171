import assert from "node:assert/strict";

import { assertFailure, Fixture, headersOf, otherAuthorization } from "./support";

describe("revoking", () => {
  const local = new Fixture();

  it("ends the token and answers without a body", async () => {
    const token = await local.token();
    local.wait(60);
    const revokedAt = new Date(local.now);
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
    assert.equal(local.atlas.isActive(token), false);
    assert.deepEqual(local.atlas.tokens()[0]?.revokedAt, revokedAt);
  });

  it("leaves other tokens alone", async () => {
    const token = await local.token();
    const kept = await local.token();
    await local.revoke(token);
    assert.equal(local.atlas.isActive(kept), true);
  });

  it("succeeds for a token that was never issued", async () => {
    assert.equal((await local.revoke("unknown-token")).status, 200);
  });

  it("succeeds a second time, and keeps the time of the first", async () => {
    const token = await local.token();
    const revokedAt = new Date(local.now);
    await local.revoke(token);
    local.wait(1);
    assert.equal((await local.revoke(token)).status, 200);
    assert.deepEqual(local.atlas.tokens()[0]?.revokedAt, revokedAt);
  });

  it("succeeds for an expired token, which does not become a revoked one", async () => {
    const token = await local.token();
    local.wait(3600);
    assert.equal((await local.revoke(token)).status, 200);
    assert.equal(local.atlas.tokens()[0]?.revokedAt, null);
  });

  it("refuses another client's token, which stays active", async () => {
    const token = await local.token();
    assertFailure(await local.revoke(token, { authorization: otherAuthorization }), 400, "invalid_grant");
    assert.equal(local.atlas.isActive(token), true);
  });

  const refused = [
    { description: "no token", form: () => "token_type_hint=access_token" },
    { description: "an empty token", form: () => "token=" },
    { description: "two tokens", form: (token: string) => `token=${token}&token=${token}` },
    {
      description: "a token in JSON",
      form: (token: string) => JSON.stringify({ token }),
      contentType: "application/json",
    },
    { description: "a form that is called text", form: (token: string) => `token=${token}`, contentType: "text/plain" },
  ];
  for (const { description, form, ...call } of refused) {
    it(`refuses ${description} as invalid_request`, async () => {
      const token = await local.token();
      assertFailure(await local.call("revoke", { form: form(token), ...call }), 400, "invalid_request");
      assert.equal(local.atlas.isActive(token), true);
    });
  }

  for (const hint of ["", "&token_type_hint=refresh_token", "&token_type_hint=nonsense"]) {
    it(`finds the token with the hint "${hint}"`, async () => {
      const token = await local.token();
      assert.equal((await local.call("revoke", { form: `token=${token}${hint}` })).status, 200);
      assert.equal(local.atlas.isActive(token), false);
    });
  }
});
