import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import type { WaitInfo } from "../../../provider/oauth/call";
import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { documented, type Scripted } from "../../support/oauth/scripted-server";
import { hour, minute, second } from "../../support/oauth/times";

const rejected = documented(contract.failures.find(({ code }) => code === "invalid_client")!);

describe("revoke of a token that has expired", () => {
  const client = new ClientFixture();
  const now = (): number => client.calls.clock.now();
  const expired = (): { expiresAt: Date } => ({ expiresAt: new Date(now() - hour) });

  /** A response whose `Date` is that many milliseconds from this machine's time. */
  function dated(response: Scripted, offset: number): Scripted {
    return { ...response, headers: { ...response.headers, date: new Date(now() + offset).toUTCString() } };
  }

  /** Lets Atlas's clock be known from the response to another revocation. */
  async function learnAtlasClock(offset: number): Promise<void> {
    await client.calls.clock.advance(2 * hour);
    client.server.script("revoke", dated(contract.revoked, offset));
    await client.revoke();
    client.server.received.length = 0;
  }

  for (const [since, local, atlas, requests] of [
    ["an hour", -hour, -hour, 0],
    ["a second more than five minutes", -301 * second, -301 * second, 0],
    ["five minutes", -5 * minute, -5 * minute, 1],
    ["an hour by a fast local clock", -hour, minute, 1],
    ["an hour by a slow local clock", minute, -hour, 1],
  ] as const) {
    it(`${since} ago sends ${requests === 0 ? "no" : "a"} request if Atlas's clock is known`, async () => {
      await learnAtlasClock(local - atlas);
      const { outcome } = await client.revoke({ expiresAt: new Date(now() + local) });
      assert.equal(client.server.received.length, requests);
      assert.equal(outcome, requests === 0 ? "expired" : "revoked");
    });
  }

  for (const [response, first] of [
    [contract.revoked, { outcome: "revoked", status: 200, attempts: 1 }],
    [rejected, { outcome: "expired", knownBy: "both-clocks", attempts: 1 }],
    [{ status: 503 }, { outcome: "expired", knownBy: "both-clocks", attempts: 1 }],
  ] as const) {
    it(`needs one request for a hundred tokens if the first response, a ${response.status}, agrees`, async () => {
      client.server.script("revoke", dated(response, 0));
      const { signal } = new AbortController();
      const results = await Promise.all(Array.from({ length: 100 }, () => client.revoke({ ...expired(), signal })));
      assert.equal(client.server.received.length, 1);
      assert.deepEqual(getEventListeners(signal, "abort"), []);
      const others = Array<object>(99).fill({ outcome: "expired", knownBy: "both-clocks", attempts: 0 });
      assert.deepEqual(results, [first, ...others]);
    });
  }

  it("revokes all of a hundred tokens if Atlas says that they live", async () => {
    client.server.script("revoke", dated(contract.revoked, -hour));
    const results = await Promise.all(Array.from({ length: 100 }, () => client.revoke(expired())));
    assert.equal(client.server.received.length, 100);
    for (const { outcome } of results) assert.equal(outcome, "revoked");
  });

  it("retries for as long as Atlas says that it lives", async () => {
    client.server.script("revoke", dated({ status: 503 }, -hour), { status: 503 }, contract.revoked);
    assert.deepEqual(await client.revoke(expired()), { outcome: "revoked", status: 200, attempts: 3 });
  });

  it("fails if Atlas rejects the request and does not say what time it is, or says that it lives", async () => {
    for (const response of [rejected, dated(rejected, -hour)]) {
      client.server.script("revoke", response);
      assert.equal((await rejection(client.revoke(expired()))).code, "invalid_client");
    }
  });

  it("makes one attempt for a hundred tokens if Atlas cannot be reached", async () => {
    const baseUrl = "http://127.0.0.1:1";
    const revoke = (): ReturnType<typeof client.revoke> => client.revoke({ ...expired(), baseUrl });
    const expected = { outcome: "expired", knownBy: "local-clock" };
    // Some minutes later it is tried again, once.
    for (let times = 0; times < 2; times++) {
      const [first, ...others] = await Promise.all(Array.from({ length: 100 }, revoke));
      assert.deepEqual(first, { ...expected, attempts: 1 });
      for (const other of [...others, await revoke()]) assert.deepEqual(other, { ...expected, attempts: 0 });
      await client.calls.clock.advance(5 * minute);
    }
  });

  it("needs no answer if the proxy that is configured cannot be used", async () => {
    const before = process.env["https_proxy"];
    process.env["https_proxy"] = "nonsense";
    try {
      const result = await client.revoke({ ...expired(), baseUrl: "https://atlas.invalid" });
      assert.deepEqual(result, { outcome: "expired", knownBy: "local-clock", attempts: 1 });
    } finally {
      if (before === undefined) delete process.env["https_proxy"];
      else process.env["https_proxy"] = before;
    }
  });

  it("asks Atlas although another host could not be reached, and again some minutes after it could not", async () => {
    await client.revoke({ ...expired(), baseUrl: "http://127.0.0.1:1" });
    client.server.script("revoke", { status: 503 }, contract.revoked);
    assert.deepEqual(await client.revoke(expired()), { outcome: "expired", knownBy: "local-clock", attempts: 1 });
    await client.calls.clock.advance(5 * minute);
    assert.equal((await client.revoke(expired())).outcome, "revoked");
  });

  for (const name of ["signal", "waitSignal"] as const) {
    it(`lets the caller's ${name} end the wait for another call's attempt`, async () => {
      const controller = new AbortController();
      client.server.script("revoke", async () => {
        controller.abort();
        assert.equal((await rejection(second)).code, "aborted");
        return dated(contract.revoked, 0);
      });
      const first = client.revoke(expired());
      const second = client.revoke({ ...expired(), [name]: controller.signal });
      assert.equal((await first).outcome, "revoked");
      assert.equal(client.server.received.length, 1);
    });
  }

  for (const failure of contract.failures.filter(({ triedAgain }) => triedAgain.revoke)) {
    it(`succeeds as soon as it expires during the retries after ${failure.status}`, async () => {
      client.server.script("revoke", () => dated(documented(failure), 0));
      const start = client.calls.clock.monotonic();
      const result = await client.revoke({ expiresAt: new Date(now() - 4 * minute) });
      assert.ok(result.outcome === "expired" && result.knownBy === "both-clocks" && result.attempts > 1);
      assert.equal(Math.floor((client.calls.clock.monotonic() - start) / second), 60);
    });
  }

  it("asks Atlas if the local clock jumped while it waited", async () => {
    client.server.script("revoke", dated({ status: 429, headers: { "retry-after": "60" } }, 0), contract.revoked);
    const onWait = (wait: WaitInfo): void => {
      client.calls.clock.wallOffset = 2 * hour;
      client.calls.onWait(wait);
    };
    const expiresAt = new Date(now() + 10 * minute);
    assert.equal((await client.revoke({ expiresAt, onWait })).outcome, "revoked");
  });

  it("needs no request if it expired on both clocks while it waited for a place", async () => {
    await learnAtlasClock(0);
    const expiresAt = new Date(now() + hour);
    client.server.script("revoke", () => {
      client.calls.clock.wallOffset = 2 * hour;
      return dated(contract.revoked, 0);
    });
    const results = await Promise.all(Array.from({ length: 20 }, () => client.revoke({ expiresAt })));
    assert.ok(client.server.received.length <= 8);
    assert.equal(results.at(-1)?.outcome, "expired");
  });
});
