import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import type { TokenEvent } from "../../../provider/oauth/events";
import { ClientFixture, credentials, token } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued } from "../../support/oauth/scripted-server";
import { hour } from "../../support/oauth/times";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const issuedSha256 = sha256(contract.issued.body.access_token);
const version = { "x-mongodb-service-version": "gitHash=0" };

describe("onEvent", () => {
  const client = new ClientFixture();
  let events: TokenEvent[];
  beforeEach(() => void (events = []));
  const onEvent = (event: TokenEvent): void => void events.push(event);

  /** Compares the events, in their order, with what a call has in common with all others and what is given. */
  function assertEvents(...expected: readonly Partial<TokenEvent>[]): void {
    const common = { clientId: credentials.clientId, origin: client.server.baseUrl };
    assert.deepEqual(
      events.map(({ time, ...event }) => ({ ...event, time: new Date(time).toISOString() === time })),
      expected.map((event) => ({ ...common, ...event, time: true })),
    );
  }

  it("reports an issued token", async () => {
    client.server.script("issue", { status: 503 }, issued({}, version));
    await client.issue({ onEvent });
    assertEvents({ event: "issued", tokenSha256: issuedSha256, status: 200, attempts: 2, serviceVersion: "gitHash=0" });
  });

  it("reports a revoked token, at this machine's time", async () => {
    client.server.script("revoke", { status: 200, headers: version });
    await client.revoke({ onEvent });
    const tokenSha256 = sha256(token);
    assertEvents({ event: "revoked", tokenSha256, status: 200, attempts: 1, serviceVersion: "gitHash=0" });
    assert.equal(events[0]?.time, new Date(client.calls.clock.now()).toISOString());
  });

  it("reports a token that was found expired", async () => {
    const expiresAt = new Date(client.calls.clock.now() - hour);
    const { attempts } = await client.revoke({ onEvent, expiresAt, baseUrl: "http://127.0.0.1:1" });
    assertEvents({ event: "expired", tokenSha256: sha256(token), attempts, origin: "http://127.0.0.1:1" });
  });

  for (const endpoint of ["issue", "revoke"] as const) {
    it(`reports that ${endpoint} failed, also for an invalid argument`, async () => {
      client.server.script(endpoint, { status: 401, headers: version });
      await rejection(client[endpoint]({ onEvent }));
      await rejection(client[endpoint]({ onEvent, baseUrl: "" }));
      const event = `${endpoint}_failed` as const;
      const common = { event, ...(endpoint === "revoke" ? { tokenSha256: sha256(token) } : {}) };
      assertEvents(
        { ...common, status: 401, code: "invalid_client", attempts: 1, serviceVersion: "gitHash=0" },
        { ...common, code: "invalid_argument", attempts: 0, origin: "" },
      );
    });
  }

  it("holds a printable client ID, as the error and its message do", async () => {
    client.server.script("issue", { status: 403 });
    const error = await rejection(client.issue({ onEvent, clientId: "fake\nrevoked\u001b[2J\u0085\u2028\u202e-id" }));
    assertEvents({
      event: "issue_failed",
      status: 403,
      code: "access_denied",
      attempts: 1,
      clientId: "fake revoked -id",
    });
    assert.equal(error.clientId, "fake revoked -id");
    assert.match(error.message, /client ID fake revoked -id;/);
  });

  it("reports all that happens to a token that cannot be used", async () => {
    client.server.script("issue", issued({ token_type: "MAC" }));
    client.server.script("revoke", contract.revoked);
    await rejection(client.issue({ onEvent }));
    assert.deepEqual(
      events.map(({ event, tokenSha256 }) => [event, tokenSha256]),
      [
        ["issued", issuedSha256],
        ["revoked", issuedSha256],
        ["issue_failed", undefined],
      ],
    );
  });

  it("ignores a listener that throws or rejects", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    client.server.script("revoke", contract.revoked);
    for (const listener of [() => assert.fail("thrown"), () => Promise.reject(new Error("rejected"))]) {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- callers from JavaScript can pass anything
      assert.equal((await client.revoke({ onEvent: listener })).outcome, "revoked");
    }
    // Node.js reports an unhandled rejection in the next turn.
    await setImmediate();
    process.off("unhandledRejection", note);
    assert.deepEqual(unhandled, []);
  });
});
