import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";

import { Mistake, startLocalAtlas, type LogEntry } from "../../../examples/local-atlas";
import { endpoints, Fixture, parsed, paths } from "./support";

describe("the server", () => {
  let before: (entry: LogEntry) => void | Promise<void> = () => undefined;
  let after: (entry: LogEntry) => void | Promise<void> = () => undefined;
  const local = new Fixture({ before: (entry) => before(entry), after: (entry) => after(entry) });
  beforeEach(() => {
    before = () => undefined;
    after = () => undefined;
  });

  for (const path of ["/", "/api/oauth", "/api/oauth/revoke/", "/api/oauth/introspect", "//", "/API/OAUTH/TOKEN"]) {
    it(`answers 404 at ${path}`, async () => {
      const reply = await local.send(path);
      assert.equal(reply.status, 404);
      assert.equal(parsed(reply)["error"], 404);
      assert.equal(parsed(reply)["errorCode"], "RESOURCE_NOT_FOUND");
    });
  }

  const methods = [
    ...endpoints.flatMap((endpoint) => ["GET", "PUT", "DELETE"].map((method) => ({ path: paths[endpoint], method }))),
    { path: "/log", method: "POST", allow: "GET" },
    { path: "/introspect", method: "GET" },
    { path: "/fail", method: "GET" },
    { path: "/settings", method: "GET" },
  ].map((row) => ({ allow: "POST", ...row }));
  for (const { path, method, allow } of methods) {
    it(`answers 405 to ${method} ${path}`, async () => {
      const reply = await local.send(path, { method });
      assert.equal(reply.status, 405);
      assert.equal(reply.headers.get("allow"), allow);
      assert.equal(parsed(reply)["error"], 405);
    });
  }

  const sizes = [
    { size: 64 * 1024, status: 200 },
    { size: 64 * 1024 + 1, status: 413 },
    { size: 8 * 1024 * 1024, status: 413 },
  ];
  for (const { size, status } of sizes) {
    it(`answers ${status} to a body of ${size} bytes`, async () => {
      const reply = await local.issue({ form: "grant_type=client_credentials&filler=".padEnd(size, "x") });
      assert.equal(reply.status, status);
    });
  }

  it("dates its answers by its own clock", async () => {
    local.wait(90);
    assert.equal((await local.send("/")).headers.get("date"), "Sun, 01 Nov 2026 12:01:30 GMT");
  });

  describe("with before", () => {
    it("answers only when before is done", async () => {
      const token = await local.token();
      let arrived!: (entry: LogEntry) => void;
      const arrival = new Promise<LogEntry>((resolve) => (arrived = resolve));
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      before = (entry) => {
        arrived(structuredClone(entry));
        return released;
      };

      const reply = local.revoke(token);
      const entry = await arrival;
      assert.deepEqual(
        { sequence: entry.sequence, endpoint: entry.endpoint, status: entry.status, active: entry.token?.active },
        { sequence: 2, endpoint: "revoke", status: null, active: true },
      );
      assert.equal(local.atlas.isActive(token), true);

      release();
      assert.equal((await reply).status, 200);
      assert.equal(local.atlas.isActive(token), false);
    });

    it("lets before demand the failure of the very request", async () => {
      before = (entry) => local.atlas.failNext(entry.endpoint, 403);
      assert.equal((await local.issue()).status, 403);
    });

    it("logs the token as it was when the answer was made", async () => {
      const token = await local.token();
      before = async (entry) => {
        if (entry.sequence === 2) await local.revoke(token);
      };
      await local.revoke(token);
      assert.deepEqual(
        local.atlas.log().map((entry) => [entry.sequence, entry.token?.active]),
        [
          [1, false],
          [2, false],
          [3, true],
        ],
      );
    });

    const throwing: { description: string; before: () => void | Promise<void> }[] = [
      {
        description: "throws",
        before: () => {
          throw new Error("no answer");
        },
      },
      { description: "rejects", before: () => Promise.reject(new Error("no answer")) },
    ];
    for (const row of throwing) {
      it(`closes the connection without an answer where before ${row.description}`, async () => {
        before = row.before;
        await assert.rejects(local.issue(), TypeError);
        assert.deepEqual(local.atlas.tokens(), []);
        assert.equal(local.atlas.log()[0]?.status, null);

        before = () => undefined;
        assert.equal((await local.issue()).status, 200);
      });
    }
  });

  it("processes a request whose answer is lost where after throws", async () => {
    const statuses: unknown[] = [];
    after = (entry) => {
      statuses.push(entry.status);
      throw new Error("lost");
    };
    await assert.rejects(local.issue(), TypeError);
    assert.deepEqual(statuses, [200]);
    assert.equal(local.atlas.tokens()[0]?.active, true);
  });

  it("survives a client that goes away in the middle of its request", async () => {
    const { port } = new URL(local.atlas.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`POST ${paths.issue} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant`, () =>
      socket.destroy(),
    );
    await once(socket, "close");
    assert.equal((await local.issue()).status, 200);
    assert.equal(local.atlas.log().length, 1);
  });
});

describe("starting", () => {
  it("rejects where the port is taken", async () => {
    const first = await startLocalAtlas();
    const port = Number(new URL(first.url).port);
    await assert.rejects(startLocalAtlas({ port }), { code: "EADDRINUSE" });
    await first.close();
    const second = await startLocalAtlas({ port });
    assert.equal(second.url, `http://127.0.0.1:${port}`);
    await second.close();
  });

  it("has the documented settings by default", async () => {
    const atlas = await startLocalAtlas();
    assert.deepEqual(atlas.settings, {
      lifetimeSeconds: 3600,
      windowSeconds: 60,
      requestsPerWindow: 10,
      activeTokens: 100,
    });
    await atlas.close();
  });

  const mistakes = [{ lifetimeSeconds: 0 }, { windowSeconds: -1 }, { requestsPerWindow: NaN }, { lifetime: 5 }];
  for (const options of mistakes) {
    const [[name, value] = []] = Object.entries(options);
    it(`refuses ${String(name)} ${String(value)}`, async () => {
      await assert.rejects(startLocalAtlas(options), Mistake);
    });
  }
});

describe("closing", () => {
  it("ends kept-alive connections at once", async () => {
    const atlas = await startLocalAtlas();
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${atlas.url}/log`, { agent });
    sent.end();
    const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream];
    const { socket } = sent;
    assert.ok(socket);
    response.resume();
    await once(response, "end");
    assert.equal(socket.destroyed, false);

    const ended = once(socket, "close");
    await atlas.close();
    await ended;
    agent.destroy();
  });

  it("ends requests that wait for their answer", async () => {
    let arrived!: () => void;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const atlas = await startLocalAtlas({
      before: () => {
        arrived();
        return new Promise(() => undefined);
      },
    });
    const reply = assert.rejects(fetch(atlas.url + paths.issue, { method: "POST" }), TypeError);
    await arrival;
    await atlas.close();
    await reply;
  });

  it("refuses connections afterwards, and may be repeated", async () => {
    const atlas = await startLocalAtlas();
    await atlas.close();
    await atlas.close();
    await assert.rejects(fetch(atlas.url), TypeError);
  });
});
