import assert from "node:assert/strict";

import { Mistake, type Endpoint, type FailureOptions } from "../../../examples/local-atlas";
import { assertFailure, Fixture } from "./support";

describe("failNext", () => {
  const local = new Fixture({ requestsPerWindow: 2 });

  it("fails one request, and no more", async () => {
    local.atlas.failNext("issue", 500);
    assert.equal((await local.issue()).status, 500);
    assert.equal((await local.issue()).status, 200);
  });

  it("fails as many requests as it is told", async () => {
    local.atlas.failNext("issue", 500, { times: 3 });
    for (let sent = 0; sent < 3; sent += 1) assert.equal((await local.issue()).status, 500);
    assert.equal((await local.issue()).status, 200);
  });

  it("leaves the other endpoint alone", async () => {
    local.atlas.failNext("revoke", 500);
    assert.equal((await local.issue()).status, 200);
    assert.equal((await local.revoke("unknown-token")).status, 500);
  });

  it("answers in the order of the demands", async () => {
    local.atlas.failNext("issue", 503, { times: 2 });
    local.atlas.failNext("issue", 403);
    const statuses: number[] = [];
    for (let sent = 0; sent < 4; sent += 1) statuses.push((await local.issue()).status);
    assert.deepEqual(statuses, [503, 503, 403, 200]);
  });

  it("comes before the check of the credentials", async () => {
    local.atlas.failNext("issue", 503);
    assert.equal((await local.issue({ authorization: null })).status, 503);
  });

  it("does not issue", async () => {
    local.atlas.failNext("issue", 500);
    await local.issue();
    assert.deepEqual(local.atlas.tokens(), []);
  });

  it("does not revoke", async () => {
    const token = await local.token();
    local.atlas.failNext("revoke", 503);
    await local.revoke(token);
    assert.equal(local.atlas.isActive(token), true);
  });

  it("does not count against the rate limit", async () => {
    local.atlas.failNext("issue", 429, { times: 5 });
    for (let sent = 0; sent < 5; sent += 1) await local.issue();
    assert.equal((await local.issue()).status, 200);
    assert.equal((await local.issue()).status, 200);
  });

  const retryAfters: { retryAfter: string | number | null; sent: string | null }[] = [
    { retryAfter: 1, sent: "1" },
    { retryAfter: "3", sent: "3" },
    { retryAfter: "Sun, 01 Nov 2026 12:00:09 GMT", sent: "Sun, 01 Nov 2026 12:00:09 GMT" },
    { retryAfter: -1, sent: "-1" },
    { retryAfter: null, sent: null },
  ];
  for (const status of [429, 503, 500]) {
    for (const { retryAfter, sent } of retryAfters) {
      it(`sends ${sent ?? "no Retry-After"} with ${status} where ${JSON.stringify(retryAfter)} is demanded`, async () => {
        local.atlas.failNext("revoke", status, { retryAfter });
        assert.equal((await local.revoke("unknown-token")).headers.get("retry-after"), sent);
      });
    }
  }

  it("adds headers and replaces documented ones, whatever their case", async () => {
    local.atlas.failNext("issue", 500, { headers: { "Content-Type": "text/html", "X-Request-Id": "7" } });
    const { headers } = await local.issue();
    assert.equal(headers.get("content-type"), "text/html");
    assert.equal(headers.get("x-request-id"), "7");
  });

  const bodies: { body: NonNullable<FailureOptions["body"]> | null; sent: string }[] = [
    { body: { error: "new_error" }, sent: '{"error":"new_error"}' },
    { body: "<h1>Bad gateway</h1>", sent: "<h1>Bad gateway</h1>" },
    { body: "", sent: "" },
    { body: null, sent: "" },
  ];
  for (const { body, sent } of bodies) {
    it(`sends the body ${JSON.stringify(body)} in place of the documented one`, async () => {
      local.atlas.failNext("issue", 400, { body });
      const reply = await local.issue();
      assert.equal(reply.status, 400);
      assert.equal(reply.text, sent);
    });
  }

  it("knows undocumented statuses too, and sends them bare", async () => {
    local.atlas.failNext("issue", 502);
    const reply = await local.issue();
    assert.equal(reply.status, 502);
    assert.equal(reply.text, "");
    assert.equal(reply.headers.get("content-type"), null);
  });

  const mistakes: { endpoint?: string; status: number; options?: FailureOptions; message: RegExp }[] = [
    { endpoint: "login", status: 500, message: /^endpoint: / },
    { status: 199, message: /^status: expected 200 to 599$/ },
    { status: 600, message: /^status: expected 200 to 599$/ },
    { status: 500.5, message: /^status: expected an HTTP status$/ },
    { status: 500, options: { times: 0 }, message: /^times: expected at least 1$/ },
    { status: 500, options: { times: Infinity }, message: /^times: expected a whole number$/ },
    { status: 400, options: { error: "server_error" }, message: /^error: no 400 with the error "server_error"/ },
    { status: 502, options: { error: "server_error" }, message: /^error: no 502 / },
    { status: 500, options: { headers: { "a b": "c" } }, message: /^headers: "a b" cannot be sent/ },
    { status: 500, options: { retryAfter: "1\r\nX: y" }, message: /^headers: "retry-after" cannot be sent/ },
  ];
  for (const { endpoint = "issue", status, options, message } of mistakes) {
    it(`refuses ${endpoint} ${status} ${JSON.stringify(options ?? {})}, and demands nothing`, async () => {
      assert.throws(
        () => local.atlas.failNext(endpoint as Endpoint, status, options),
        (error) => error instanceof Mistake && message.test(error.message),
      );
      assert.equal((await local.issue()).status, 200);
    });
  }

  it("selects the 400 by its error", async () => {
    local.atlas.failNext("revoke", 400, { error: "invalid_grant" });
    assertFailure(await local.revoke("unknown-token"), 400, "invalid_grant");
  });
});
