import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";

import type { WaitInfo } from "../../../provider/oauth/call";
import { revokeToken } from "../../../provider/oauth/index";
import { ClientFixture, credentials, token } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { anyCredential, anyToken } from "../../support/oauth/credentials";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import type { Scripted } from "../../support/oauth/scripted-server";
import { minute } from "../../support/oauth/times";

describe("revoke", () => {
  const client = new ClientFixture();

  it("sends what Atlas documents", async () => {
    client.server.script("revoke", contract.revoked);
    await client.revoke();
    const { method, target, headers, body } = client.server.received[0]!;
    assert.deepEqual([method, target], ["POST", contract.revokePath]);
    assert.equal(body, "token=fake.access.token&token_type_hint=access_token");
    const { "content-type": type, accept, "accept-encoding": encoding, authorization } = headers;
    assert.deepEqual([type, accept, encoding], ["application/x-www-form-urlencoded", "application/json", "identity"]);
    assert.deepEqual(readBasic(authorization), credentials);
  });

  it("asks for a pretty-printed body and an envelope only if the options say so", async () => {
    client.server.script("revoke", contract.revoked);
    for (const options of [{}, { pretty: false, envelope: false }, { pretty: true }, { envelope: true }]) {
      await client.revoke(options);
    }
    const queries = client.server.received.map(({ target }) => target.replace(contract.revokePath, ""));
    assert.deepEqual(queries, ["", "", "?pretty=true", "?envelope=true"]);
  });

  it("sends a token and credentials without the white space around them, and otherwise as they are", async () => {
    client.server.script("revoke", contract.revoked);
    await fc.assert(
      fc.asyncProperty(anyCredential, anyCredential, anyToken, async (clientId, clientSecret, token) => {
        await client.revoke({ clientId: ` ${clientId}\n`, clientSecret: `${clientSecret}\r\n`, token: `${token}\n` });
        const received = client.server.received.at(-1);
        assert.deepEqual(readBasic(received?.headers.authorization), { clientId, clientSecret });
        assert.equal(new URLSearchParams(received?.body).get("token"), token);
      }),
      { numRuns: 50 },
    );
  });

  const successes: Record<string, Omit<Scripted, "status">> = {
    nothing: {},
    "nothing, as HTML": { headers: { "content-type": "text/html" } },
    "an error": { body: { error: "invalid_grant", error_description: "No." } },
    "an envelope that nobody asked for": { body: { status: 401, error: "invalid_client" } },
    garbage: { body: Buffer.from([0xff, 0x00, 0x80]) },
    "a truncated body": { body: "{", cut: true },
    "more than is read": { body: "x".repeat(200_000) },
  };
  for (const [description, response] of Object.entries(successes)) {
    it(`takes any 2xx with ${description} for success`, async () => {
      for (const status of [200, 201, 202, 206, 299]) {
        client.server.script("revoke", { status, ...response });
        assert.deepEqual(await client.revoke(), { outcome: "revoked", status, attempts: 1 });
      }
    });
  }

  for (const options of [{}, { envelope: true }]) {
    it(`does not take an HTML page with a 2xx for success: ${JSON.stringify(options)}`, async () => {
      for (const headers of [{ "content-type": "text/html" }, {}]) {
        client.server.script("revoke", { status: 200, headers, body: "<!DOCTYPE html><title>Log in</title>" });
        const { code, status, description } = await rejection(client.revoke(options));
        assert.deepEqual([code, status], ["unexpected_response", 200]);
        assert.equal(description, "expected an empty body, got an HTML page");
      }
    });
  }

  it("is public, in real time, and succeeds again and again", async () => {
    client.server.script("revoke", contract.revoked);
    for (let times = 0; times < 3; times++) {
      await revokeToken({ baseUrl: client.server.baseUrl, ...credentials, token });
    }
    assert.equal(client.server.received.length, 3);
  });

  it("shares a signal with many calls, without a warning, and leaves no listener on it", async () => {
    client.server.script("revoke", { status: 500 }, contract.revoked);
    const { signal } = new AbortController();
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", warn);
    await Promise.all(Array.from({ length: 50 }, () => client.revoke({ signal })));
    // Node.js emits a warning in the next turn.
    await new Promise((resolve) => void setImmediate(resolve));
    process.off("warning", warn);
    assert.deepEqual(warnings, []);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("lets every call of an account wait for its rate limit, and none of another account", async () => {
    const { clock, waits } = client.calls;
    client.server.script("revoke", { status: 429, headers: { "retry-after": "42" } }, contract.revoked);
    const onWait = (wait: WaitInfo): void => void waits.push(wait);
    const first = client.revoke({ onWait });
    while (waits.length === 0) await clock.advance(0);
    const second = client.revoke({ onWait });
    await clock.advance(0);
    assert.equal(waits.length, 2, "the second call did not wait");
    await client.revoke({ clientId: "other-client-id", onWait: () => assert.fail("it waited for another account") });
    assert.equal(client.server.received.length, 2);
    await clock.advance(2 * minute);
    await Promise.all([first, second]);
  });
});

describe("revoke with an envelope", () => {
  const client = new ClientFixture();
  const error = { error: "invalid_client", error_description: "Invalid credentials provided." };
  const inside = (body: unknown): Scripted => ({ status: 200, body });

  const successes: Record<string, Scripted> = {
    "a success": inside({ status: 200 }),
    "another success": inside({ status: 204, content: null }),
    "an empty body": { status: 200 },
    "a 204": { status: 204 },
    "no status": inside({}),
    "a status that is text": inside({ status: "401", ...error }),
    "a status that is an object": inside({ status: {} }),
    "a status behind __proto__": inside('{"__proto__":{"status":401}}'),
    "a status deep inside": inside({ content: { status: 401 } }),
    "an array": inside([{ status: 401 }]),
  };
  for (const [description, response] of Object.entries(successes)) {
    it(`takes ${description} for success`, async () => {
      client.server.script("revoke", response);
      assert.equal((await client.revoke({ envelope: true })).attempts, 1);
    });
  }

  for (const [response, code, status] of [
    [inside({ status: 401, ...error }), "invalid_client", 401],
    [inside({ status: 401, content: error }), "invalid_client", 401],
    [{ status: 401, body: { status: 200 } }, "invalid_client", 401],
    [{ status: 403, body: { status: 401 } }, "access_denied", 403],
    [inside({ status: 302 }), "unexpected_response", 302],
    [inside({ status: 0 }), "unexpected_response", 0],
    [inside({ status: -200 }), "unexpected_response", -200],
  ] as const) {
    it(`fails with ${code} (${status}) for ${JSON.stringify(response).slice(0, 50)}`, async () => {
      client.server.script("revoke", response);
      const failure = await rejection(client.revoke({ envelope: true }));
      assert.deepEqual([failure.code, failure.status, failure.attempts], [code, status, 1]);
    });
  }

  const unclear: Record<string, Scripted> = {
    "a 429 inside": { ...inside({ status: 429 }), headers: { "retry-after": "7" } },
    "a 502 inside": inside({ status: 502 }),
    "a truncated body": { ...inside({ status: 200 }), cut: true },
    "no body before it breaks": { status: 200, cut: true },
    "half of the JSON": inside('{"status":20'),
    "more than is read": inside({ status: 200, content: "x".repeat(70_000) }),
  };
  for (const [description, response] of Object.entries(unclear)) {
    it(`retries after ${description}`, async () => {
      client.server.script("revoke", response, inside({ status: 200 }));
      assert.equal((await client.revoke({ envelope: true })).attempts, 2);
    });
  }

  it("says that nothing is known if the envelope can never be read", async () => {
    client.server.script("revoke", inside("{"));
    const { code, status, retryable, description } = await rejection(client.revoke({ envelope: true }));
    assert.deepEqual([code, status, retryable], ["unexpected_response", 200, true]);
    assert.equal(description, "could not parse the response envelope");
  });
});
