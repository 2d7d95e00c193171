import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";

import { startLocalAtlas, UsageError, type Hook } from "../../../examples/local-atlas";
import { assertHeaders, Fixture, paths } from "./support";

describe("the server of Local Atlas", () => {
  let before: Hook;
  let after: Hook;
  const local = new Fixture({ before: (entry) => before(entry), after: (entry) => after(entry) });
  beforeEach(() => {
    before = () => undefined;
    after = () => undefined;
  });

  it("responds 404 to any other path and 405 to any other method, as Atlas does elsewhere, with its date", async () => {
    local.wait(90);
    for (const path of ["/api", "/api/oauth", "/api/oauth/revoke/", "//", "/API/OAUTH/TOKEN"]) {
      const reply = await local.send(path);
      assertHeaders(reply, { date: "Sun, 01 Nov 2026 12:01:30 GMT" });
      const { error, errorCode } = reply.json;
      assert.deepEqual([reply.status, error, errorCode], [404, 404, "RESOURCE_NOT_FOUND"], path);
    }
    const posts = [paths.issue, paths.revoke, "/introspect", "/fail", "/succeed", "/settings"];
    for (const path of [...posts, "/", "/log", "/api/atlas/v2"]) {
      const allow = posts.includes(path) ? "POST" : "GET";
      for (const method of ["GET", "POST", "PUT"].filter((other) => other !== allow)) {
        const reply = await local.send(path, { method });
        assert.equal(reply.status, 405, `${method} ${path}`);
        assertHeaders(reply, { allow });
      }
    }
  });

  it("responds 413 to a body over 64 KiB", async () => {
    for (const [size, status] of [[64 * 1024, 200] as const, [64 * 1024 + 1, 413] as const, [2 ** 23, 413] as const]) {
      const form = "grant_type=client_credentials&filler=".padEnd(size, "x");
      assert.equal((await local.issue({ form })).status, status);
    }
  });

  it("processes a request once before is done, with the token and the failures as they are by then", async () => {
    const token = await local.token();
    before = async ({ sequence, endpoint, status, token: logged }) => {
      if (sequence > 2) return;
      assert.deepEqual([endpoint, status, logged?.active], ["revoke", null, true]);
      assert.equal((await local.revoke(token)).status, 200);
      local.atlas.failNext("revoke", 403);
    };
    assert.equal((await local.revoke(token)).status, 403);
    const active = local.atlas.log().map((entry) => entry.token?.active);
    assert.deepEqual(active, [false, false, true]);
  });

  it("loses the request if before throws or rejects, and the response if after throws", async () => {
    const lost = new Error("the response is lost");
    const throwing = (): never => {
      throw lost;
    };
    for (before of [throwing, () => Promise.reject(lost)]) await assert.rejects(local.issue(), TypeError);
    assert.deepEqual([local.atlas.log()[0]?.status, local.atlas.tokens()], [null, []]);
    before = () => undefined;
    // After the request it is too late.
    after = throwing;
    await assert.rejects(local.issue(), TypeError);
    assert.deepEqual([local.atlas.log()[2]?.status, local.atlas.tokens()[0]?.active], [200, true]);
  });

  it("starts with the documented settings, and refuses invalid ones and invalid failures", async () => {
    const settings = { lifetimeSeconds: 3600, windowSeconds: 60, requestsPerWindow: 10, activeTokens: 100 };
    assert.deepEqual(local.atlas.settings, settings);
    for (const options of [{ lifetimeSeconds: 0 }, { requestsPerWindow: NaN }, { lifetime: 5 }]) {
      await assert.rejects(startLocalAtlas(options), UsageError);
    }
    assert.throws(() => local.atlas.failNext("issue", 600), UsageError);
  });

  it("closes idle connections and unfinished requests at once, and may be closed twice", async () => {
    const agent = new Agent({ keepAlive: true });
    const idle = request(`${local.atlas.url}/log`, { agent }).end();
    const [response] = (await once(idle, "response")) as [NodeJS.ReadableStream];
    await once(response.resume(), "end");
    assert.equal(idle.socket?.destroyed, false);
    const closed = once(idle.socket, "close");
    before = () => {
      void local.atlas.close();
      return new Promise(() => undefined);
    };
    await assert.rejects(local.issue(), TypeError);
    await closed;
    await local.atlas.close();
    agent.destroy();
  });
});
