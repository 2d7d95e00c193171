import assert from "node:assert/strict";

import { Fixture, parsed } from "./support";

describe("the query parameter pretty", () => {
  const local = new Fixture();

  it("indents the body of a failure", async () => {
    const reply = await local.revoke("unknown-token", { authorization: null, query: "?pretty=true" });
    assert.equal(reply.status, 401);
    assert.equal(
      reply.text,
      '{\n  "error_description": "Invalid credentials provided.",\n  "error": "invalid_client"\n}',
    );
  });

  it("indents the body of a success", async () => {
    assert.match((await local.issue({ query: "?pretty=true" })).text, /^\{\n {2}"access_token": "/);
  });

  it("gives no body to a success that has none", async () => {
    assert.equal((await local.revoke("unknown-token", { query: "?pretty=true" })).text, "");
  });

  for (const query of ["", "?pretty=false", "?pretty=1", "?pretty"]) {
    it(`leaves the body on one line with "${query}"`, async () => {
      const reply = await local.issue({ query });
      assert.equal(reply.status, 200);
      assert.equal(reply.text.includes("\n"), false);
    });
  }
});

describe("the query parameter envelope", () => {
  const local = new Fixture({ requestsPerWindow: 1 });
  const query = "?envelope=true";

  it("wraps the success of a revoke", async () => {
    const token = await local.token();
    const reply = await local.revoke(token, { query });
    assert.equal(reply.status, 200);
    assert.equal(reply.text, '{"status":200}');
    assert.equal(local.atlas.isActive(token), false);
  });

  it("wraps the success of an issue", async () => {
    const { access_token: token, ...rest } = parsed(await local.issue({ query }));
    assert.ok(typeof token === "string" && local.atlas.isActive(token));
    assert.deepEqual(rest, { status: 200, expires_in: 3600, token_type: "Bearer" });
  });

  it("hides a failure behind a 200, with its headers", async () => {
    const reply = await local.revoke("unknown-token", { authorization: null, query });
    assert.equal(reply.status, 200);
    assert.deepEqual(parsed(reply), {
      status: 401,
      error_description: "Invalid credentials provided.",
      error: "invalid_client",
    });
    assert.match(reply.headers.get("www-authenticate") ?? "", /^Digest /);
  });

  it("hides the rate limit too", async () => {
    await local.revoke("unknown-token", { query });
    const reply = await local.revoke("unknown-token", { query });
    assert.equal(reply.status, 200);
    assert.equal(parsed(reply)["status"], 429);
    assert.equal(reply.headers.get("retry-after"), "60");
  });

  it("gives a body to a failure that has none", async () => {
    local.atlas.failNext("revoke", 503);
    const reply = await local.revoke("unknown-token", { query });
    assert.equal(reply.status, 200);
    assert.equal(reply.text, '{"status":503}');
  });

  it("goes together with pretty", async () => {
    const reply = await local.revoke("unknown-token", { query: "?envelope=true&pretty=true" });
    assert.equal(reply.text, '{\n  "status": 200\n}');
  });

  it("means nothing to a proxy that answers with text", async () => {
    local.atlas.failNext("revoke", 502, { body: "<h1>Bad gateway</h1>" });
    const reply = await local.revoke("unknown-token", { query });
    assert.equal(reply.status, 502);
    assert.equal(reply.text, "<h1>Bad gateway</h1>");
  });

  for (const off of ["?envelope=false", "?envelope=1"]) {
    it(`changes nothing as ${off}`, async () => {
      assert.equal((await local.revoke("unknown-token", { authorization: null, query: off })).status, 401);
    });
  }
});
