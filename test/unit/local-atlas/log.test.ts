import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { defaultClientId, defaultClientSecret, type LogEntry } from "../../../examples/local-atlas";
import { basic, Fixture, otherAuthorization, otherClientId } from "./support";

function fingerprint(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

describe("the log", () => {
  const local = new Fixture();

  function last(): LogEntry {
    const entry = local.atlas.log().at(-1);
    assert.ok(entry);
    return entry;
  }

  it("starts empty", () => {
    assert.deepEqual(local.atlas.log(), []);
  });

  it("tells of a token's issue and of its end, by the token's jti", async () => {
    const token = await local.token({ userAgent: "issuer/1" });
    local.wait(1.5);
    await local.revoke(token, { userAgent: "revoker/2" });
    const name = local.atlas.tokens()[0]?.jti;
    assert.deepEqual(local.atlas.log(), [
      {
        sequence: 1,
        time: "2026-11-01T12:00:00.000Z",
        endpoint: "issue",
        clientId: defaultClientId,
        userAgent: "issuer/1",
        token: { name, known: false, active: false },
        status: 200,
      },
      {
        sequence: 2,
        time: "2026-11-01T12:00:01.500Z",
        endpoint: "revoke",
        clientId: defaultClientId,
        userAgent: "revoker/2",
        token: { name, known: true, active: true },
        status: 200,
      },
    ]);
  });

  it("says that a token was revoked before", async () => {
    const token = await local.token();
    await local.revoke(token);
    await local.revoke(token);
    assert.deepEqual(last().token, { name: local.atlas.tokens()[0]?.jti, known: true, active: false });
  });

  it("names a token that was not issued here by a fingerprint", async () => {
    await local.revoke("unknown-token");
    assert.deepEqual(last().token, { name: fingerprint("unknown-token"), known: false, active: false });
  });

  it("names no token where none was sent or issued", async () => {
    await local.call("revoke", { form: "" });
    assert.equal(last().token, null);
    await local.issue({ form: "" });
    assert.equal(last().token, null);
  });

  it("names the client of a removed account, and of wrong credentials", async () => {
    await local.issue({ authorization: basic(otherClientId, "wrong-secret") });
    assert.equal(last().clientId, otherClientId);
    local.atlas.removeClient(otherClientId);
    await local.issue({ authorization: otherAuthorization });
    assert.equal(last().clientId, otherClientId);
  });

  it("names no client where no credentials can be read", async () => {
    await local.issue({ authorization: null });
    assert.equal(last().clientId, null);
  });

  it("names an unknown client by a fingerprint", async () => {
    await local.issue({ authorization: basic("unknown-client", "unknown-secret") });
    assert.equal(last().clientId, fingerprint("unknown-client"));
  });

  it("holds the status that an envelope hides", async () => {
    await local.issue({ authorization: null, query: "?envelope=true" });
    assert.equal(last().status, 401);
  });

  it("holds a demanded failure, with the token it was about", async () => {
    const token = await local.token();
    local.atlas.failNext("revoke", 503);
    await local.revoke(token);
    assert.equal(last().status, 503);
    assert.deepEqual(last().token, { name: local.atlas.tokens()[0]?.jti, known: true, active: true });
  });

  it("cannot be changed through what it returns", async () => {
    await local.token();
    Object.assign(last(), { status: 418 });
    assert.equal(last().status, 200);
  });

  it("leaves out paths that are no endpoint of Atlas", async () => {
    await local.send("/elsewhere");
    await local.send("/log", { method: "GET" });
    assert.deepEqual(local.atlas.log(), []);
  });

  it("holds no secret, no token and no Authorization header, wherever a client puts them", async () => {
    const token = await local.token();
    const misplaced = "misplaced-secret";
    await local.revoke(token);
    await local.revoke(token, { authorization: basic(defaultClientId, misplaced) });
    await local.revoke(misplaced);
    await local.revoke(token, { query: `?token=${token}` });
    await local.issue({ authorization: basic(defaultClientSecret, defaultClientId) });
    await local.issue({ authorization: basic(misplaced, misplaced) });
    await local.issue({ authorization: `Bearer ${token}` });
    await local.issue({ form: `grant_type=${misplaced}&client_secret=${misplaced}` });
    local.atlas.failNext("revoke", 500, { body: { echo: misplaced } });
    await local.revoke(token);

    const log = JSON.stringify(local.atlas.log()) + (await local.send("/log", { method: "GET" })).text;
    const { signature, claims } = partsOf(token);
    const base64Pair = basic(defaultClientId, defaultClientSecret).slice("Basic ".length);
    for (const secret of [token, claims, signature, defaultClientSecret, misplaced, base64Pair, "Basic", "Bearer"]) {
      assert.equal(log.includes(secret), false, `the log holds ${secret}`);
    }
  });

  function partsOf(jwt: string): { claims: string; signature: string } {
    const [, claims = "", signature = ""] = jwt.split(".");
    assert.ok(claims && signature);
    return { claims, signature };
  }
});
