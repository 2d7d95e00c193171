import assert from "node:assert/strict";

import { defaultClientId } from "../../../examples/local-atlas";
import { Fixture, parsed, startOfClock, type Reply } from "./support";

describe("the control endpoints", () => {
  const local = new Fixture();

  function control(path: string, body: unknown): Promise<Reply> {
    return local.send(path, { body: typeof body === "string" ? body : JSON.stringify(body) });
  }

  function introspect(form: string): Promise<Reply> {
    return local.send("/introspect", { headers: { "content-type": "application/x-www-form-urlencoded" }, body: form });
  }

  describe("GET /log", () => {
    it("is the log, as JSON", async () => {
      await local.revoke(await local.token());
      const reply = await local.send("/log", { method: "GET" });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get("content-type"), "application/json");
      assert.deepEqual(JSON.parse(reply.text), local.atlas.log());
      assert.equal(local.atlas.log().length, 2);
    });
  });

  describe("POST /introspect", () => {
    it("describes an active token", async () => {
      const token = await local.token();
      assert.deepEqual(parsed(await introspect(`token=${token}`)), {
        active: true,
        client_id: defaultClientId,
        iat: startOfClock / 1000,
        exp: startOfClock / 1000 + 3600,
      });
    });

    it("says no more of a revoked token than that it is not active", async () => {
      const token = await local.token();
      await local.revoke(token);
      assert.deepEqual(parsed(await introspect(`token=${token}`)), { active: false });
    });

    it("says no more of an expired token than that it is not active", async () => {
      const token = await local.token();
      local.wait(3600);
      assert.deepEqual(parsed(await introspect(`token=${token}`)), { active: false });
    });

    it("knows nothing of a token with a changed signature", async () => {
      const token = await local.token();
      assert.deepEqual(parsed(await introspect(`token=${token.slice(0, -2)}`)), { active: false });
    });

    it("does not appear in the log", async () => {
      await introspect("token=unknown-token");
      assert.deepEqual(local.atlas.log(), []);
    });

    for (const form of ["", "token=", "token=a&token=b", "tokens=a"]) {
      it(`refuses the form "${form}"`, async () => {
        const reply = await introspect(form);
        assert.equal(reply.status, 400);
        assert.deepEqual(parsed(reply), { error: "send one token as a form: token=…" });
      });
    }
  });

  describe("POST /fail", () => {
    it("makes the next requests fail", async () => {
      const demand = { endpoint: "revoke", status: 503, times: 2, retryAfter: 1 };
      const reply = await control("/fail", demand);
      assert.equal(reply.status, 200);
      assert.deepEqual(parsed(reply), demand);
      for (let sent = 0; sent < 2; sent += 1) {
        const failed = await local.revoke("unknown-token");
        assert.equal(failed.status, 503);
        assert.equal(failed.headers.get("retry-after"), "1");
      }
      assert.equal((await local.revoke("unknown-token")).status, 200);
    });

    it("chooses the 400 by its error", async () => {
      await control("/fail", { endpoint: "issue", status: 400, error: "unsupported_grant_type" });
      assert.equal(parsed(await local.issue())["error"], "unsupported_grant_type");
    });

    const mistakes: { body: unknown; error: RegExp }[] = [
      { body: "", error: /^the body is not JSON$/ },
      { body: "endpoint=revoke", error: /^the body is not JSON$/ },
      { body: "null", error: /expected object/ },
      { body: {}, error: /^endpoint: .*; status: / },
      { body: { endpoint: "login", status: 500 }, error: /^endpoint: .*"issue"\|"revoke"$/ },
      { body: { endpoint: "issue", status: "500" }, error: /^status: expected an HTTP status$/ },
      { body: { endpoint: "issue", status: 100 }, error: /^status: expected 200 to 599$/ },
      { body: { endpoint: "issue", status: 500, times: -1 }, error: /^times: expected at least 1$/ },
      { body: { endpoint: "issue", status: 500, times: "2" }, error: /^times: expected a whole number$/ },
      {
        body: { endpoint: "issue", status: 500, retryAfter: true },
        error: /^retryAfter: expected seconds, text or null$/,
      },
      { body: { endpoint: "issue", status: 400, error: "no_such" }, error: /^error: no 400 with the error "no_such"/ },
      { body: { endpoint: "issue", status: 500, body: [] }, error: /^body: expected an object, text or null$/ },
      { body: { endpoint: "issue", status: 500, time: 2 }, error: /"time"/ },
    ];
    for (const { body, error } of mistakes) {
      it(`refuses ${JSON.stringify(body)}, and demands nothing`, async () => {
        const reply = await control("/fail", body);
        assert.equal(reply.status, 400);
        assert.match(String(parsed(reply)["error"]), error);
        assert.equal((await local.issue()).status, 200);
      });
    }
  });

  describe("POST /succeed", () => {
    it("forgets what is still demanded of either endpoint, and says how much that was", async () => {
      await control("/fail", { endpoint: "revoke", status: 500, times: 50 });
      await control("/fail", { endpoint: "issue", status: 401 });
      assert.equal((await local.revoke("unknown-token")).status, 500);
      assert.deepEqual(parsed(await control("/succeed", "")), { forgotten: 50 });
      assert.equal((await local.revoke("unknown-token")).status, 200);
      assert.equal((await local.issue()).status, 200);
    });
  });

  describe("POST /settings", () => {
    it("changes what is named and returns all", async () => {
      const reply = await control("/settings", { windowSeconds: 0.5, requestsPerWindow: 0 });
      assert.equal(reply.status, 200);
      const settings = { lifetimeSeconds: 3600, windowSeconds: 0.5, requestsPerWindow: 0, activeTokens: 100 };
      assert.deepEqual(parsed(reply), settings);
      assert.deepEqual(local.atlas.settings, settings);
    });

    it("takes effect with the next request", async () => {
      await control("/settings", { lifetimeSeconds: 7 });
      assert.equal(parsed(await local.issue())["expires_in"], 7);
    });

    it("shows a limit of Infinity as 0, since JSON has no Infinity", async () => {
      local.atlas.settings.activeTokens = Infinity;
      assert.equal(parsed(await control("/settings", {}))["activeTokens"], 0);
    });

    const mistakes: { body: unknown; error: RegExp }[] = [
      { body: "windowSeconds=1", error: /^the body is not JSON$/ },
      { body: [], error: /expected object/ },
      { body: { lifetimeSeconds: 0 }, error: /^lifetimeSeconds: expected at least 1 second$/ },
      { body: { lifetimeSeconds: 1.5 }, error: /^lifetimeSeconds: expected a whole number of seconds$/ },
      { body: { windowSeconds: 0 }, error: /^windowSeconds: expected more than 0 seconds$/ },
      { body: { windowSeconds: "1" }, error: /^windowSeconds: expected a number of seconds$/ },
      { body: { requestsPerWindow: -1 }, error: /^requestsPerWindow: expected a whole number, 0 for no limit$/ },
      { body: { activeTokens: null }, error: /^activeTokens: expected a whole number, 0 for no limit$/ },
      { body: { port: 1 }, error: /"port"/ },
      { body: { lifetimeSeconds: 5, windowSeconds: -1 }, error: /^windowSeconds: / },
    ];
    for (const { body, error } of mistakes) {
      it(`refuses ${JSON.stringify(body)}, and changes nothing`, async () => {
        const before = { ...local.atlas.settings };
        const reply = await control("/settings", body);
        assert.equal(reply.status, 400);
        assert.match(String(parsed(reply)["error"]), error);
        assert.deepEqual(local.atlas.settings, before);
      });
    }
  });
});
