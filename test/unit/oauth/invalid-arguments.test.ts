import assert from "node:assert/strict";

import type { AtlasOAuthError } from "../../../provider/oauth/error";
import { issueToken, revokeToken } from "../../../provider/oauth/index";
import { rejection } from "../../support/oauth/rejection";
import { useScriptedServer } from "../../support/oauth/scripted-server";

/** Callers from JavaScript can pass anything. */
const call = { issue: issueToken, revoke: revokeToken } as unknown as Record<
  "issue" | "revoke",
  (options?: unknown) => Promise<unknown>
>;

const noText = [
  { description: "missing", value: undefined },
  { description: "null", value: null },
  { description: "empty", value: "" },
  { description: "a number", value: 12345678 },
  { description: "true", value: true },
  { description: "an object", value: { toString: () => "fake-value" } },
  { description: "an array", value: ["fake-value"] },
  { description: "a String object", value: new String("fake-value") },
  { description: "a symbol", value: Symbol("fake-value") },
  { description: "a function", value: () => "fake-value" },
  { description: "a promise", value: Promise.resolve("fake-value") },
  { description: "half a surrogate pair", value: "fake-value-\ud800" },
];

describe("an argument that is wrong", () => {
  const server = useScriptedServer();

  async function refused(endpoint: "issue" | "revoke", change: Record<string, unknown>): Promise<AtlasOAuthError> {
    const { baseUrl } = server();
    const options = {
      baseUrl,
      clientId: "fake-client-id",
      clientSecret: "fake-client-secret",
      token: "fake.access.token",
    };
    const error = await rejection(call[endpoint]({ ...options, ...change }));
    assert.deepEqual(server().received, [], "a request was sent");
    assert.deepEqual(
      {
        code: error.code,
        status: error.status,
        retryable: error.retryable,
        attempts: error.attempts,
        endpoint: error.endpoint,
      },
      { code: "invalid_argument", status: undefined, retryable: false, attempts: 0, endpoint },
    );
    assert.equal(error.mayHaveIssued, false);
    for (const [name, value] of Object.entries(change)) {
      if (name !== "clientId" && typeof value === "string" && value !== "")
        assert.equal(error.message.includes(value), false, error.message);
    }
    return error;
  }

  for (const endpoint of ["issue", "revoke"] as const) {
    for (const name of ["clientId", "clientSecret", "baseUrl", ...(endpoint === "revoke" ? ["token"] : [])]) {
      for (const { description, value } of noText) {
        it(`is told before anything is sent: ${endpoint}, ${name} is ${description}`, async () => {
          const { description: told } = await refused(endpoint, { [name]: value });
          assert.ok(told?.startsWith(`${name} must `), told);
        });
      }
    }

    const urls = [
      "http://cloud.mongodb.com",
      "https://user:fake-password@cloud.mongodb.com",
      "https://cloud.mongodb.com/api",
      "https://cloud.mongodb.com?a=b",
      "no url",
    ];
    for (const baseUrl of urls) {
      it(`is told before anything is sent: ${endpoint}, baseUrl is ${baseUrl}`, async () => {
        const { description } = await refused(endpoint, { baseUrl });
        assert.ok(description?.startsWith("baseUrl must "), description);
      });
    }

    for (const { description, options } of [
      { description: "no options at all", options: undefined },
      { description: "options that are null", options: null },
      { description: "a text instead of options", options: "fake-value" },
      { description: "no field in the options", options: {} },
    ]) {
      it(`is told before anything is sent: ${endpoint}, ${description}`, async () => {
        const error = await rejection(call[endpoint](options));
        assert.deepEqual([error.code, error.attempts], ["invalid_argument", 0]);
      });
    }

    for (const { description, value } of [
      { description: "a text", value: "abort" },
      { description: "a number", value: 1 },
      { description: "an object", value: {} },
      { description: "its controller", value: new AbortController() },
      { description: "null", value: null },
    ]) {
      it(`is told before anything is sent: ${endpoint}, signal is ${description}`, async () => {
        assert.equal((await refused(endpoint, { signal: value })).description, "signal must be an AbortSignal");
      });
    }

    it(`is told before anything is sent: ${endpoint}, waitSignal is its controller`, async () => {
      const { description } = await refused(endpoint, { waitSignal: new AbortController() });
      assert.equal(description, "waitSignal must be an AbortSignal");
    });

    for (const value of [-1, NaN, Infinity, "5m", null]) {
      it(`is told before anything is sent: ${endpoint}, retryTimeoutMs is ${JSON.stringify(value)}`, async () => {
        const { description } = await refused(endpoint, { retryTimeoutMs: value });
        assert.equal(description, "retryTimeoutMs must be a finite number of at least 0");
      });
    }

    for (const { description, value } of [
      { description: "a text", value: "wait" },
      { description: "an object", value: {} },
      { description: "null", value: null },
    ]) {
      it(`is told before anything is sent: ${endpoint}, onWait is ${description}`, async () => {
        assert.equal((await refused(endpoint, { onWait: value })).description, "onWait must be a function");
      });
    }
  }

  for (const value of [
    "fake.access.token\0",
    "Bearer fake.access.token",
    '"fake.access.token"',
    "\ufefffake.access.token",
  ]) {
    it(`refuses the mangled token ${JSON.stringify(value)} without repeating it`, async () => {
      assert.match(
        (await refused("revoke", { token: value })).description ?? "",
        /^token must be the access token alone/,
      );
    });
  }

  for (const endpoint of ["issue", "revoke"] as const) {
    it(`refuses swapped credentials without repeating them: ${endpoint}`, async () => {
      const swapped = { clientId: "mdb_sa_sk_fake-client-secret", clientSecret: "mdb_sa_id_fake-client-id" };
      const error = await refused(endpoint, swapped);
      assert.match(error.description ?? "", /^clientId must be a client ID/);
      assert.doesNotMatch(error.message, /fake-client/);
      assert.match(
        (await refused(endpoint, { clientSecret: swapped.clientSecret })).description ?? "",
        /^clientSecret/,
      );
    });
  }

  for (const { description, value } of [
    { description: "no date", value: new Date(NaN) },
    { description: "a text", value: "2026-11-01T12:00:00Z" },
    { description: "a number", value: Date.UTC(2026, 10, 1) },
    { description: "null", value: null },
    { description: "an object", value: {} },
    { description: "an object that looks like one", value: { getTime: () => 0 } },
  ]) {
    it(`is told before anything is sent: expiresAt is ${description}`, async () => {
      assert.equal((await refused("revoke", { expiresAt: value })).description, "expiresAt must be a valid Date");
    });
  }

  it("is told by the first that is found where there are several", async () => {
    const { description } = await refused("revoke", { clientId: 1, clientSecret: 2, token: 3, expiresAt: 4 });
    assert.equal(description, "clientId must be a non-empty string");
  });
});
