import assert from "node:assert/strict";

import { defaultClientId } from "../../../examples/local-atlas";
import { assertFailure, basic, endpoints, Fixture, otherAuthorization, parsed, paths, type Reply } from "./support";

describe("the rate limit", () => {
  const local = new Fixture({ requestsPerWindow: 2, windowSeconds: 20 });

  async function useUp(): Promise<void> {
    assert.equal((await local.issue()).status, 200);
    assert.equal((await local.issue()).status, 200);
  }

  function assertRefused(reply: Reply, retryAfter: string): void {
    assertFailure(reply, 429, "rate_limited");
    assert.equal(reply.headers.get("retry-after"), retryAfter);
  }

  for (const endpoint of endpoints) {
    it(`names the path of ${endpoint} and the limit that is set`, async () => {
      for (let sent = 0; sent < 2; sent += 1) await local.valid(endpoint);
      const reply = await local.valid(endpoint);
      assertRefused(reply, "20");
      assert.equal(
        parsed(reply)["error_description"],
        `Resource ${paths[endpoint]} is limited to 2 requests every 20 seconds.`,
      );
    });
  }

  it("speaks of minutes where the window is some", async () => {
    local.atlas.settings.windowSeconds = 120;
    await useUp();
    assert.match(String(parsed(await local.issue())["error_description"]), / every 2 minutes\.$/);
  });

  it("issues nothing for a refused request", async () => {
    await useUp();
    await local.issue();
    assert.equal(local.atlas.tokens().length, 2);
  });

  const waits = [
    { description: "the rest of the window", windowSeconds: 20, waited: 5, retryAfter: "15" },
    { description: "whole seconds, rounded up", windowSeconds: 20, waited: 5.001, retryAfter: "15" },
    { description: "at least one second", windowSeconds: 20, waited: 19.999, retryAfter: "1" },
    { description: "one second in a window of a fraction of one", windowSeconds: 0.25, waited: 0.1, retryAfter: "1" },
  ];
  for (const { description, windowSeconds, waited, retryAfter } of waits) {
    it(`asks to wait for ${description}`, async () => {
      local.atlas.settings.windowSeconds = windowSeconds;
      await useUp();
      local.wait(waited);
      assertRefused(await local.issue(), retryAfter);
    });
  }

  it("starts a window with its first request, and a new one when that is over", async () => {
    await local.issue();
    local.wait(19);
    await local.issue();
    assertRefused(await local.issue(), "1");
    local.wait(1);
    await useUp();
    assertRefused(await local.issue(), "20");
  });

  it("does not count what it refuses", async () => {
    await useUp();
    for (let sent = 0; sent < 5; sent += 1) assertRefused(await local.issue(), "20");
    local.wait(20);
    await useUp();
  });

  it("counts requests that are refused for their form", async () => {
    assert.equal((await local.issue({ form: "" })).status, 400);
    assert.equal((await local.issue({ form: "" })).status, 400);
    assertRefused(await local.issue(), "20");
  });

  it("does not count wrong credentials", async () => {
    for (let sent = 0; sent < 3; sent += 1) {
      assert.equal((await local.issue({ authorization: basic(defaultClientId, "wrong-secret") })).status, 401);
    }
    await useUp();
  });

  it("counts each endpoint by itself", async () => {
    await useUp();
    assert.equal((await local.revoke("unknown-token")).status, 200);
  });

  it("counts each client by itself", async () => {
    await useUp();
    assert.equal((await local.issue({ authorization: otherAuthorization })).status, 200);
  });

  it("follows its settings at once", async () => {
    await useUp();
    local.atlas.settings.requestsPerWindow = 3;
    assert.equal((await local.issue()).status, 200);
    local.atlas.settings.windowSeconds = 10;
    local.wait(10);
    assert.equal((await local.issue()).status, 200);
  });

  for (const off of [0, Infinity]) {
    it(`is off where it is ${off}`, async () => {
      local.atlas.settings.requestsPerWindow = off;
      for (let sent = 0; sent < 12; sent += 1) assert.equal((await local.issue()).status, 200);
    });
  }
});

describe("the rate limit by default", () => {
  const local = new Fixture();

  it("allows ten requests in a minute, as it is documented", async () => {
    for (let sent = 0; sent < 10; sent += 1) assert.equal((await local.issue()).status, 200);
    const reply = await local.issue();
    assert.equal(reply.headers.get("retry-after"), "60");
    assert.deepEqual(parsed(reply), {
      error_description: "Resource /api/oauth/token is limited to 10 requests every 1 minutes.",
      error: "rate_limited",
    });
  });
});
