import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import fc from "fast-check";

import { revokeToken } from "../../../provider/oauth/index";
import type { RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { ClientFixture, token } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { anyCredential, anyToken } from "../../support/oauth/credentials";
import { credentials } from "../../support/oauth/fake-calls";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { documented } from "../../support/oauth/scripted-server";
import { minute } from "../../support/oauth/times";

describe("revoke", () => {
  const client = new ClientFixture();

  describe("sends", () => {
    it("what Atlas documents", async () => {
      client.server.script("revoke", contract.revoked);
      await client.revoke();
      const [received] = client.server.received;
      assert.deepEqual(
        { method: received?.method, target: received?.target, body: received?.body },
        {
          method: "POST",
          target: contract.revokePath,
          body: "token=fake.access.token&token_type_hint=access_token",
        },
      );
      const { "content-type": type, accept, "accept-encoding": encoding, authorization } = received?.headers ?? {};
      assert.deepEqual(
        { type, accept, encoding },
        { type: "application/x-www-form-urlencoded", accept: "application/json", encoding: "identity" },
      );
      assert.deepEqual(readBasic(authorization), credentials);
      assert.match(received?.headers["user-agent"] ?? "", /^pulumi-atlas-token\/\d/);
    });

    const queries: { options: Partial<RevokeTokenOptions>; query: string }[] = [
      { options: {}, query: "" },
      { options: { pretty: false, envelope: false }, query: "" },
      { options: { pretty: true }, query: "?pretty=true" },
      { options: { envelope: true }, query: "?envelope=true" },
      { options: { pretty: true, envelope: true }, query: "?pretty=true&envelope=true" },
    ];
    for (const { options, query } of queries) {
      it(`${query === "" ? "no query" : `the query ${query}`} where ${JSON.stringify(options)} is asked for`, async () => {
        client.server.script("revoke", contract.revoked);
        await client.revoke(options);
        assert.equal(client.server.received[0]?.target, contract.revokePath + query);
      });
    }

    it("a token and credentials of any characters, as they are", async () => {
      client.server.script("revoke", contract.revoked);
      await fc.assert(
        fc.asyncProperty(anyCredential, anyCredential, anyToken, async (clientId, clientSecret, token) => {
          await client.revoke({ clientId, clientSecret, token });
          const received = client.server.received.at(-1);
          assert.deepEqual(readBasic(received?.headers.authorization), { clientId, clientSecret });
          const form = [...new URLSearchParams(received?.body)];
          assert.deepEqual(form, [
            ["token", token],
            ["token_type_hint", "access_token"],
          ]);
        }),
      );
    });
  });

  describe("takes any 2xx for success, whatever its body holds:", () => {
    const bodies = [
      { description: "nothing", answer: {} },
      { description: "an empty object", answer: { body: {} } },
      { description: "an error", answer: { body: { error: "invalid_grant", error_description: "No." } } },
      { description: "an envelope that nobody asked for", answer: { body: { status: 401, error: "invalid_client" } } },
      { description: "garbage", answer: { body: Buffer.from([0xff, 0x00, 0x80]) } },
      { description: "a body that is cut off", answer: { body: "{", cut: true } },
      { description: "a body larger than is read", answer: { body: "x".repeat(200_000) } },
    ];
    for (const status of [200, 201, 202, 204, 205, 206, 226, 299]) {
      for (const { description, answer } of bodies) {
        // A 204 has no body at all.
        if ([204, 205].includes(status) && description !== "nothing") continue;
        it(`${status} with ${description}`, async () => {
          client.server.script("revoke", { status, ...answer });
          await client.revoke();
          assert.equal(client.server.received.length, 1);
          assert.deepEqual(client.calls.waits, []);
        });
      }
    }
  });

  it("is public, in real time", async () => {
    client.server.script("revoke", contract.revoked);
    await revokeToken({ baseUrl: client.server.baseUrl, ...credentials, token });
    assert.equal(client.server.received.length, 1);
  });

  it("succeeds again and again: Atlas says the same of a token that is revoked already", async () => {
    client.server.script("revoke", contract.revoked);
    for (let times = 0; times < 3; times++) await client.revoke();
    assert.equal(client.server.received.length, 3);
  });

  describe("ends as its caller wishes", () => {
    it("before anything is sent", async () => {
      const error = await rejection(client.revoke({ signal: AbortSignal.abort() }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.attempts], [false, 0]);
      assert.deepEqual(client.server.received, []);
    });

    it("during the request", async () => {
      const controller = new AbortController();
      client.server.script("revoke", () => {
        controller.abort();
        return contract.revoked;
      });
      const error = await rejection(client.revoke({ signal: controller.signal }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.attempts], [true, 1]);
    });

    it("while it waits", async () => {
      const controller = new AbortController();
      client.server.script("revoke", { status: 500 });
      const error = await rejection(client.revoke({ signal: controller.signal, onWait: () => controller.abort() }));
      assert.ok(error.code === "aborted");
      assert.deepEqual([error.sent, error.attempts], [true, 1]);
    });
  });

  it("shares a signal with many calls, and leaves no listener on it", async () => {
    client.server.script("revoke", { status: 500 }, contract.revoked);
    const { signal } = new AbortController();
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", warn);
    await Promise.all(Array.from({ length: 50 }, () => client.revoke({ signal })));
    // Node.js tells of a warning in the next turn.
    await new Promise((resolve) => void setImmediate(resolve));
    process.off("warning", warn);
    assert.deepEqual(warnings, []);
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(client.server.received.length, 51);
  });

  it("never has more than eight requests of one account in flight", async () => {
    let inFlight = 0;
    let most = 0;
    client.server.script("revoke", async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => void setImmediate(resolve));
      inFlight--;
      return contract.revoked;
    });
    await Promise.all(Array.from({ length: 40 }, () => client.revoke()));
    assert.ok(most <= 8, String(most));
    assert.equal(client.server.received.length, 40);
  });

  it("does not let one account wait for another", async () => {
    const rateLimited = contract.failures.find(({ code }) => code === "rate_limited")!;
    client.server.script("revoke", documented(rateLimited), contract.revoked);
    const waiting = client.revoke({ onWait: (wait) => void client.calls.waits.push(wait) });
    while (client.calls.waits.length === 0) await client.calls.clock.advance(0);
    await client.revoke({ clientId: "other-client-id", onWait: () => assert.fail("it waited for another account") });
    assert.equal(client.server.received.length, 2);
    await client.calls.clock.advance(minute);
    await waiting;
  });
});
