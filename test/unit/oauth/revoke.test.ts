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
import { until } from "../../support/within";

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

  const atlas = { headers: { "x-mongodb-service-version": "gitHash=0; versionString=v1" } };
  const html = "<!DOCTYPE html><title>Log in</title>";
  const text = "expected an empty body, got text that is not from Atlas's API";
  const page = "expected an empty body, got an HTML page";
  const failed = "the response reports a failure";
  const unreadable = "the response could not be read";
  /** What a response with status 200 means: nothing but a revocation, or what is wrong with it. */
  for (const [response, problem, retried = false] of [
    [{}],
    [{ body: " \r\n" }],
    [{ status: 204 }],
    [{ headers: { "content-type": "text/html" } }],
    ...[{}, [], null, { status: 200 }, { status: "ok", error: null, errors: [] }].map((body) => [{ body }]),
    ...["Revoked.", html, Buffer.from([0xff, 0x00, 0x80])].map((body) => [{ ...atlas, body }]),
    [{ ...atlas, body: "Revo", cut: true }],
    ...[201, 202, 206, 207, 299].map((status) => [{ status }, "Atlas documents 200 for a revocation"]),
    [{ ...atlas, status: 202 }, "Atlas documents 200 for a revocation"],
    [{ body: { error: "invalid_client", error_description: "No." } }, `${failed}: No.`],
    [{ ...atlas, body: { errorCode: "RATE_LIMITED" } }, `${failed}: RATE_LIMITED`],
    ...[{ errors: [{}] }, { content: { error: 401 } }, [{ ERROR: true }], { success: false }].map((body) => [
      { body },
      failed,
    ]),
    ...[401, "401", "error", false, 0].map((status) => [{ body: { status } }, failed]),
    [{ body: '{"error":"inval', cut: true }, unreadable, true],
    [{ ...atlas, body: '{"error":"inval', cut: true }, unreadable, true],
    [{ body: '{"status":20' }, unreadable, true],
    [{ cut: true }, unreadable, true],
    [{ body: "x".repeat(200_000) }, unreadable, true],
    [{ body: "Log in to this network" }, text],
    [{ body: '"OK"' }, text],
    [{ body: Buffer.from([0xff, 0x00, 0x80]) }, text],
    [{ body: html }, page],
    [{ body: html, cut: true }, page, true],
    [{ headers: { "content-type": "text/html" }, body: "Log in" }, page],
  ] as (readonly [Partial<Scripted>, string?, boolean?])[]) {
    const shown = JSON.stringify(response).slice(0, 70);
    it(`${problem === undefined ? "takes" : "does not take"} for a revocation: 200 ${shown}`, async () => {
      const scripted = { status: 200, ...response };
      client.server.script("revoke", scripted);
      if (problem === undefined) {
        assert.deepEqual(await client.revoke(), { outcome: "revoked", status: scripted.status, attempts: 1 });
        return;
      }
      const { code, status, description, retryable } = await rejection(client.revoke());
      assert.deepEqual([code, status], ["unexpected_response", scripted.status]);
      assert.deepEqual([description, retryable], [problem, retried]);
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
    await until("the first call to wait", () => waits.length === 1);
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
    blanks: { status: 200, body: " " },
    "an empty body": { status: 200 },
    "a 204": { status: 204 },
    "no status": inside({}),
    "a status that is an object": inside({ status: {} }),
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
    [inside({ status: "401", ...error }), "unexpected_response", 200],
    [inside({ content: { status: 401 } }), "unexpected_response", 200],
    [{ status: 202, body: { status: 200 } }, "unexpected_response", 202],
    [{ status: 200, body: "<!DOCTYPE html><title>Log in</title>" }, "unexpected_response", 200],
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
