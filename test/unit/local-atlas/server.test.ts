import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";

import { startLocalAtlas, UsageError, type LogEntry } from "../../../examples/local-atlas";
import { Fixture, parsed, paths } from "./support";

describe("the server of Local Atlas", () => {
  let before: (entry: LogEntry) => void | Promise<void>;
  let after: (entry: LogEntry) => void | Promise<void>;
  const local = new Fixture({ before: (entry) => before(entry), after: (entry) => after(entry) });
  beforeEach(() => {
    before = () => undefined;
    after = () => undefined;
  });

  it("responds 404 to any other path, in the format of Atlas's other endpoints, with its own date", async () => {
    local.wait(90);
    for (const path of ["/", "/api/oauth", "/api/oauth/revoke/", "/api/oauth/introspect", "//", "/API/OAUTH/TOKEN"]) {
      const reply = await local.send(path);
      assert.equal(reply.status, 404, path);
      assert.equal(reply.headers.get("date"), "Sun, 01 Nov 2026 12:01:30 GMT");
      const { error, errorCode } = parsed(reply);
      assert.deepEqual({ error, errorCode }, { error: 404, errorCode: "RESOURCE_NOT_FOUND" });
    }
  });

  it("responds 405 to any other method", async () => {
    const gets = ["/log", "/api/atlas/v2"].map((path) => ({ path, method: "POST", allow: "GET" }));
    const posts = [paths.issue, paths.revoke, "/introspect", "/fail", "/succeed", "/settings"].flatMap((path) =>
      ["GET", "PUT", "DELETE"].map((method) => ({ path, method, allow: "POST" })),
    );
    for (const { path, method, allow } of [...gets, ...posts]) {
      const reply = await local.send(path, { method });
      assert.deepEqual([reply.status, reply.headers.get("allow")], [405, allow], `${method} ${path}`);
    }
  });

  it("responds 413 to a body over 64 KiB", async () => {
    for (const [size, status] of [[64 * 1024, 200] as const, [64 * 1024 + 1, 413] as const, [2 ** 23, 413] as const]) {
      const form = "grant_type=client_credentials&filler=".padEnd(size, "x");
      assert.equal((await local.issue({ form })).status, status);
    }
  });

  it("processes a request after before is done, with the token as it is by then", async () => {
    const token = await local.token();
    const [arrived, released] = [new EventTarget(), new EventTarget()];
    const arrival = once(arrived, "arrived");
    before = async (entry) => {
      if (entry.sequence > 2) return;
      assert.deepEqual([entry.endpoint, entry.status, entry.token?.active], ["revoke", null, true]);
      const release = once(released, "released");
      arrived.dispatchEvent(new Event("arrived"));
      await release;
    };
    const reply = local.revoke(token);
    await arrival;
    assert.equal(local.atlas.isActive(token), true);
    await local.revoke(token);
    released.dispatchEvent(new Event("released"));
    assert.equal((await reply).status, 200);
    assert.deepEqual(
      local.atlas.log().map((entry) => [entry.sequence, entry.token?.active]),
      [
        [1, false],
        [2, false],
        [3, true],
      ],
    );
  });

  it("lets before request a failure of the same request", async () => {
    before = (entry) => local.atlas.failNext(entry.endpoint, 403);
    assert.equal((await local.issue()).status, 403);
  });

  it("closes the connection without processing the request if before throws or rejects", async () => {
    const throwing = (): void => {
      throw new Error("no response");
    };
    for (const failing of [throwing, () => Promise.reject(new Error("no response"))]) {
      before = failing;
      await assert.rejects(local.issue(), TypeError);
    }
    assert.deepEqual(local.atlas.tokens(), []);
    assert.equal(local.atlas.log()[0]?.status, null);
    before = () => undefined;
    assert.equal((await local.issue()).status, 200);
  });

  it("processes a request whose response is lost if after throws", async () => {
    const statuses: unknown[] = [];
    after = (entry) => {
      statuses.push(entry.status);
      throw new Error("lost");
    };
    await assert.rejects(local.issue(), TypeError);
    assert.deepEqual(statuses, [200]);
    assert.equal(local.atlas.tokens()[0]?.active, true);
  });

  it("survives a client that disconnects in the middle of its request", async () => {
    const { port } = new URL(local.atlas.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`POST ${paths.issue} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant`, () =>
      socket.destroy(),
    );
    await once(socket, "close");
    assert.equal((await local.issue()).status, 200);
    assert.equal(local.atlas.log().length, 1);
  });

  it("starts with the documented settings, or with valid ones", async () => {
    const atlas = await startLocalAtlas();
    const settings = { lifetimeSeconds: 3600, windowSeconds: 60, requestsPerWindow: 10, activeTokens: 100 };
    assert.deepEqual(atlas.settings, settings);
    await atlas.close();
    for (const options of [
      { lifetimeSeconds: 0 },
      { windowSeconds: -1 },
      { requestsPerWindow: NaN },
      { lifetime: 5 },
    ]) {
      await assert.rejects(startLocalAtlas(options), UsageError);
    }
  });

  it("rejects while its port is in use", async () => {
    const first = await startLocalAtlas();
    const port = Number(new URL(first.url).port);
    await assert.rejects(startLocalAtlas({ port }), { code: "EADDRINUSE" });
    await first.close();
    const second = await startLocalAtlas({ port });
    assert.equal(second.url, `http://127.0.0.1:${port}`);
    await second.close();
  });

  it("closes idle connections and unfinished requests at once, and may be closed twice", async () => {
    const arrived = new EventTarget();
    const arrival = once(arrived, "arrived");
    const atlas = await startLocalAtlas({
      before: () => {
        arrived.dispatchEvent(new Event("arrived"));
        return new Promise(() => undefined);
      },
    });
    const agent = new Agent({ keepAlive: true });
    const idle = request(`${atlas.url}/log`, { agent }).end();
    const [response] = (await once(idle, "response")) as [NodeJS.ReadableStream];
    await once(response.resume(), "end");
    assert.equal(idle.socket?.destroyed, false);
    const closed = once(idle.socket, "close");
    const unfinished = assert.rejects(fetch(atlas.url + paths.issue, { method: "POST" }), TypeError);
    await arrival;
    await atlas.close();
    await Promise.all([closed, unfinished]);
    await atlas.close();
    await assert.rejects(fetch(atlas.url), TypeError);
    agent.destroy();
  });
});
