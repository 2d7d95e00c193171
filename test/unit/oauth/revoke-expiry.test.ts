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
    it(`needs eight requests for a hundred tokens if the first response, a ${response.status}, agrees`, async () => {
      client.server.script("revoke", dated(response, 0));
      const { signal } = new AbortController();
      const results = await Promise.all(Array.from({ length: 100 }, () => client.revoke({ ...expired(), signal })));
      assert.equal(client.server.received.length, 8);
      assert.deepEqual(getEventListeners(signal, "abort"), []);
      const others = Array<object>(92).fill({ outcome: "expired", knownBy: "both-clocks", attempts: 0 });
      assert.deepEqual(results, [...Array<object>(8).fill(first), ...others]);
    });
  }

  it("asks a host although another one says that it has expired, since either clock may be wrong", async () => {
    await learnAtlasClock(0);
    client.server.script("revoke", dated(contract.revoked, -2 * hour));
    const baseUrl = client.server.baseUrl.replace("127.0.0.1", "localhost");
    assert.equal((await client.revoke({ ...expired(), baseUrl })).outcome, "revoked");
  });

  for (const fault of [{ status: 503 }, { status: 502 }, { status: 429 }, { status: 0, reset: true }]) {
    it(`revokes all of five tokens after one fault that does not tell the time: ${JSON.stringify(fault)}`, async () => {
      client.server.script("revoke", fault, contract.revoked);
      const results = await Promise.all(Array.from({ length: 5 }, () => client.revoke(expired())));
      assert.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(["revoked"]));
    });
  }

  for (const retryTimeoutMs of [undefined, 10]) {
    const expected = { outcome: "expired", knownBy: "local-clock" };
    const start = (): number => client.calls.clock.monotonic();

    it(`retries as usual if no response tells the time, then lets the local clock decide: ${retryTimeoutMs ?? "5 min"}`, async () => {
      client.server.script("revoke", { status: 503 });
      const before = start();
      const { attempts, ...result } = await client.revoke({ ...expired(), retryTimeoutMs });
      assert.deepEqual(result, { ...expected, reason: "service_unavailable (503): Atlas is temporarily unavailable" });
      assert.equal(client.server.received.length, attempts);
      assert.ok(start() - before > (retryTimeoutMs === undefined ? 4 * minute : 10 * second));
    });

    it(`makes attempts for ten seconds without a response, then lets the local clock decide: ${retryTimeoutMs ?? "5 min"}`, async () => {
      client.server.script("revoke", { status: 0, reset: true });
      // Some minutes later it is tried again.
      for (let times = 0; times < 2; times++) {
        const before = start();
        const revoke = (): ReturnType<typeof client.revoke> => client.revoke({ ...expired(), retryTimeoutMs });
        const results = await Promise.all(Array.from({ length: 100 }, revoke));
        const elapsed = start() - before;
        assert.ok(elapsed >= 10 * second && elapsed < 20 * second, String(elapsed));
        const reason = "no_response: no response was received: UND_ERR_SOCKET";
        for (const { attempts, ...result } of results) assert.deepEqual(result, { ...expected, reason });
        assert.ok(client.server.received.length >= 3);
        client.server.received.length = 0;
        assert.deepEqual(await revoke(), { ...expected, reason, attempts: 0 });
        assert.equal(client.server.received.length, 0);
        await client.calls.clock.advance(5 * minute);
      }
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

  for (const [status, seconds] of [
    [503, 400],
    [503, 1e300],
    [429, 1000],
  ] as const) {
    it(`fails if a ${status} without a Date asks for a longer wait than there is time, since one response proves nothing: ${seconds} s`, async () => {
      client.server.script("revoke", { status, headers: { "retry-after": BigInt(seconds).toString() } });
      const { attempts } = await rejection(client.revoke(expired()));
      assert.equal(attempts, 1);
    });
  }

  it("needs no response if the proxy that is configured cannot be used", async () => {
    const before = process.env["https_proxy"];
    process.env["https_proxy"] = "http://";
    try {
      const { attempts, ...result } = await client.revoke({ ...expired(), baseUrl: "https://atlas.invalid" });
      const reason = "unreachable: Atlas could not be reached: HTTPS_PROXY is not a valid URL";
      assert.deepEqual(result, { outcome: "expired", knownBy: "local-clock", reason });
      assert.ok(attempts >= 3);
    } finally {
      if (before === undefined) delete process.env["https_proxy"];
      else process.env["https_proxy"] = before;
    }
  });

  it("asks Atlas although another host gave no response", async () => {
    assert.equal((await client.revoke({ ...expired(), baseUrl: "http://127.0.0.1:1" })).outcome, "expired");
    client.server.script("revoke", contract.revoked);
    assert.equal((await client.revoke(expired())).outcome, "revoked");
  });

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
