import assert from "node:assert/strict";

import { create } from "../../../provider/operations/create";
import { golden } from "../../support/golden";
import { codes } from "../../support/oauth/failures";
import {
  assertNothingSecret,
  clientId,
  elsewhere,
  failing,
  fakeContext,
  HOUR,
  inputsWith,
  issued,
  jwt,
  MINUTE,
  NOW,
  oauthError,
  origin,
  revoked,
  secrets,
  time,
  userFacing,
  type FakeContext,
} from "./fake";

const inputs = inputsWith({ clientSecret: secrets.argument });
const issue = () => Promise.resolve(issued());

describe("create", () => {
  it("issues a token and returns the inputs with its outputs", async () => {
    const waitSignal = new AbortController().signal;
    const context = fakeContext({ issue, retryTimeoutMs: 7, waitSignal });
    const { id, outs } = await create(inputs, context);
    assert.match(id, /^ci-[0-9a-f]{8}$/);
    const outputs = { tokenType: "Bearer", issuedAt: time(0), expiresAt: time(HOUR) };
    assert.deepEqual(outs, { ...inputs, ...outputs, accessToken: issued().accessToken });
    const [{ onEvent, ...options }] = context.issues as [FakeContext["issues"][0]];
    const credentials = { baseUrl: origin, clientId, clientSecret: secrets.argument };
    assert.deepEqual(options, { ...credentials, retryTimeoutMs: 7, waitSignal });
    const event = { time: time(0), event: "issued", clientId, origin } as const;
    onEvent!(event);
    assert.deepEqual(context.events, [{ ...event, resourceId: id }], "events name the resource");
  });

  it("writes times in whole seconds, and leaves out what has no value", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(issued({ issuedAt: new Date(NOW + 999) })) });
    const { id, outs } = await create({ ...inputs, name: "", keepers: undefined }, context);
    assert.match(id, /^token-[0-9a-f]{8}$/);
    assert.deepEqual([outs["issuedAt"], "keepers" in outs], [time(0), false]);
  });

  it("takes the client secret from the argument, and otherwise from the configuration", async () => {
    for (const clientSecret of [secrets.argument, undefined]) {
      const context = fakeContext({ ...elsewhere, issue });
      await create(inputsWith({ clientSecret }), context);
      assert.equal(context.issues[0]!.clientSecret, clientSecret ?? secrets.config);
    }
  });

  it("sends nothing if no client secret is configured", async () => {
    const context = fakeContext();
    const error = await userFacing(() => create(inputsWith(), context));
    golden("resource/create-no-client-secret.txt", error.message);
    assert.equal(context.events[0]?.event, "issue_failed");
  });
});

describe("create that fails", () => {
  for (const code of codes) {
    it(`with ${code} says what create-${code}.txt contains, and stores nothing`, async () => {
      const error = await userFacing(() => create(inputs, fakeContext({ issue: failing("issue", code) })));
      golden(`resource/create-${code}.txt`, error.message);
      assert.equal(`${String(error)}: ${error.stack}`, `ServiceAccountToken "ci" was not created: ${code}`);
      assert.equal("id" in error, false);
      assertNothingSecret(error);
    });
  }

  const limit = "Access Token limit reached. Please use the existing Access Tokens or create a new Service Account.";
  for (const [file, code, changes] of [
    ["access_denied-limit", "access_denied", { description: limit }],
    ["access_denied-without-reason", "access_denied", { description: "Forbidden." }],
  ] as const) {
    it(`advises by the words of the failure: ${file}`, async () => {
      const error = await userFacing(() => create(inputs, fakeContext({ issue: failing("issue", code, changes) })));
      golden(`resource/create-${file}.txt`, error.message);
    });
  }

  it("after it may have issued warns when it runs again, as an error hook can make it", async () => {
    const context = fakeContext({ issue: failing("issue", "no_response") });
    await userFacing(() => create(inputs, context));
    assert.deepEqual(context.lines, []);
    const { message } = await userFacing(() => create(inputs, context));
    golden("resource/create-again.txt", [...context.lines, message].join("\n"));
    await userFacing(() => create({ ...inputs, name: "other" }, context));
    assert.equal(context.lines.length, 1, "another resource is not created again");
  });

  it("without having issued does not warn", async () => {
    const context = fakeContext({ issue: failing("issue", "rate_limited") });
    for (let times = 0; times < 2; times++) await userFacing(() => create(inputs, context));
    assert.deepEqual(context.lines, []);
  });

  it("because of a bug passes it on unchanged", async () => {
    const bug = new TypeError("a bug");
    await assert.rejects(create(inputs, fakeContext({ issue: () => Promise.reject(bug) })), bug);
  });
});

describe("create that issued a token it cannot use", () => {
  const invalid = () => Promise.resolve(issued({ issuedAt: new Date(NaN) }));
  const unrevoked = () =>
    Promise.resolve({
      unrevoked: issued(),
      error: oauthError("issue", "unexpected_response", {
        description:
          "expected token_type Bearer, got MAC; revoking the token failed (no_response), so it may still be active",
      }),
    });

  it("revokes it, whoever ended the waits", async () => {
    const waitSignal = AbortSignal.abort();
    const context = fakeContext({ issue: invalid, revoke: revoked, waitSignal });
    await assert.rejects(create(inputs, context), RangeError);
    const [{ token, waitSignal: signal }] = context.revokes as [FakeContext["revokes"][0]];
    assert.deepEqual([token, signal], [issued().accessToken, undefined]);
  });

  for (const [file, fakes] of Object.entries({
    unrevoked: { issue: unrevoked },
    unrecorded: { issue: invalid, revoke: failing("revoke", "no_response") },
  })) {
    it(`stores it as incomplete if it cannot be revoked: ${file}`, async () => {
      const error = await userFacing(() => create(inputs, fakeContext(fakes)));
      assert.match(error.id!, /^ci-[0-9a-f]{8}$/);
      const outputs = { accessToken: issued().accessToken, tokenType: "Bearer", expiresAt: time(HOUR) };
      assert.deepEqual(error.properties, { ...inputs, ...outputs, incomplete: true });
      assert.deepEqual(error.reasons, [error.message]);
      golden(`resource/create-${file}.txt`, error.message.replace(error.id!, "ci-0a1b2c3d"));
      assertNothingSecret(error, [...Object.values(secrets), issued().accessToken]);
    });
  }
});

describe("create with existingToken", () => {
  for (const [description, token, times] of [
    ["both times", jwt({ iat: -MINUTE, exp: HOUR }), { issuedAt: time(-MINUTE), expiresAt: time(HOUR) }],
    ["its expiry alone", jwt({ exp: HOUR }), { expiresAt: time(HOUR) }],
    ["nothing that can be read", "opaque", {}],
  ] as const) {
    it(`adopts a token that contains ${description}, without a request or a client secret`, async () => {
      const context = fakeContext();
      const existing = inputsWith({ existingToken: token });
      const { id, outs } = await create(existing, context);
      assert.deepEqual(outs, { ...existing, accessToken: token, tokenType: "Bearer", ...times });
      const [{ tokenSha256, ...event }] = context.events as [FakeContext["events"][0]];
      assert.match(tokenSha256!, /^[0-9a-f]{64}$/);
      const expected = { time: "2026-11-01T12:00:00.000Z", event: "adopted", resourceId: id, clientId, origin };
      assert.deepEqual(event, { ...expected, attempts: 0 });
    });
  }

  for (const [file, existingToken] of [
    ["expired", jwt({ exp: -MINUTE })],
    ["mangled", "Bearer fake-token"],
  ] as const) {
    it(`refuses a token that is ${file}`, async () => {
      const error = await userFacing(() => create(inputsWith({ existingToken }), fakeContext()));
      golden(`resource/create-existingToken-${file}.txt`, error.message);
    });
  }
});
