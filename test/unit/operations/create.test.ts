import assert from "node:assert/strict";

import { create } from "../../../provider/operations/create";
import type { Properties } from "../../../provider/operations/record";
import { golden } from "../../support/golden";
import {
  assertNothingSecret,
  clientId,
  codes,
  elsewhere,
  failing,
  failures,
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
  visible,
  type FakeContext,
  type Fakes,
} from "./fake";

const inputs = inputsWith({ clientSecret: secrets.argument });
const issue = () => Promise.resolve(issued());

describe("create", () => {
  it("issues a token and returns the inputs with its outputs", async () => {
    const waitSignal = new AbortController().signal;
    const context = fakeContext({ issue, retryTimeoutMs: 7, waitSignal });
    const { id, outs } = await create(inputs, context);
    assert.match(id, /^ci-[0-9a-f]{8}$/);
    const outputs = {
      accessToken: issued().accessToken,
      tokenType: "Bearer",
      issuedAt: time(0),
      expiresAt: time(HOUR),
    };
    assert.deepEqual(outs, { ...inputs, ...outputs });
    const [{ onEvent: _, ...options }] = context.issues as [FakeContext["issues"][0]];
    assert.deepEqual(options, {
      baseUrl: origin,
      clientId,
      clientSecret: secrets.argument,
      retryTimeoutMs: 7,
      waitSignal,
    });
  });

  it("names the resource in the events of the client", async () => {
    const context = fakeContext({ issue });
    const { id } = await create(inputs, context);
    const event = { time: time(0), event: "issued", clientId, origin } as const;
    context.issues[0]!.onEvent!(event);
    assert.deepEqual(context.events, [{ ...event, resourceId: id }]);
  });

  it("writes times in whole seconds, gives each token its own ID and leaves out what has no value", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(issued({ issuedAt: new Date(NOW + 999) })) });
    const results = [
      await create({ ...inputs, keepers: undefined }, context),
      await create({ ...inputs, name: "" }, context),
    ];
    assert.deepEqual(
      results.map(({ outs }) => [outs["issuedAt"], "keepers" in outs]),
      [
        [time(0), false],
        [time(0), false],
      ],
    );
    assert.match(results[1]!.id, /^token-[0-9a-f]{8}$/);
  });

  const sources: readonly (Fakes & { readonly from: string; readonly argument?: string; readonly expected: string })[] =
    [
      { from: "the argument", ...elsewhere, argument: secrets.argument, expected: secrets.argument },
      { from: "the configuration", ...elsewhere, expected: secrets.config },
      {
        from: "the environment",
        ...elsewhere,
        config: { ...elsewhere.config, clientId: "mdb_sa_id_other" },
        expected: secrets.env,
      },
      {
        from: "the environment, without white space",
        env: { MONGODB_ATLAS_CLIENT_SECRET: ` ${secrets.env}\n` },
        expected: secrets.env,
      },
    ];
  for (const { from, argument, expected, ...fakes } of sources) {
    it(`takes the client secret from ${from}`, async () => {
      const context = fakeContext({ ...fakes, issue });
      await create(inputsWith({ clientSecret: argument }), context);
      assert.equal(context.issues[0]!.clientSecret, expected);
    });
  }

  it("sends nothing if no client secret is configured", async () => {
    const context = fakeContext();
    const error = await userFacing(() => create(inputsWith(), context));
    golden("resource/create-no-client-secret.txt", error.message);
    assert.equal(context.events[0]?.event, "issue_failed");
  });
});

describe("create that fails", () => {
  for (const code of codes) {
    it(`with ${code} says what test/golden/resource/create-${code}.txt contains, and stores nothing`, async () => {
      const error = await userFacing(() => create(inputs, fakeContext({ issue: failing("issue", failures[code]) })));
      golden(`resource/create-${code}.txt`, error.message);
      assert.equal(`${String(error)}: ${error.stack}`, `ServiceAccountToken "ci" was not created: ${code}`);
      assert.equal("id" in error, false);
      assertNothingSecret(visible(error));
    });
  }

  const denials = {
    limit: "Access Token limit reached. Please use the existing Access Tokens or create a new Service Account.",
    "without-reason": "Forbidden.",
  };
  for (const [file, description] of Object.entries(denials)) {
    it(`with 403 and "${description}" follows these words`, async () => {
      const issue = failing("issue", { ...failures.access_denied, description });
      const error = await userFacing(() => create(inputs, fakeContext({ issue })));
      golden(`resource/create-access_denied-${file}.txt`, error.message);
    });
  }

  it("after it may have issued warns when it runs again, as an error hook can make it", async () => {
    const context = fakeContext({ issue: failing("issue", failures.no_response) });
    await userFacing(() => create(inputs, context));
    assert.deepEqual(context.lines, []);
    const { message } = await userFacing(() => create(inputs, context));
    golden("resource/create-again.txt", [...context.lines, message].join("\n"));
    await userFacing(() => create({ ...inputs, name: "other" }, context));
    assert.equal(context.lines.length, 1, "another resource is not created again");
  });

  it("without having issued does not warn", async () => {
    const context = fakeContext({ issue: failing("issue", failures.rate_limited) });
    await userFacing(() => create(inputs, context));
    await userFacing(() => create(inputs, context));
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
      error: oauthError("issue", {
        ...failures.unexpected_response,
        description:
          "expected token_type Bearer, got MAC; revoking the token failed (no_response), so it is still active",
      }),
    });

  it("revokes it, whoever ended the waits", async () => {
    const waitSignal = AbortSignal.abort();
    const context = fakeContext({ issue: invalid, revoke: revoked, waitSignal });
    await assert.rejects(create(inputs, context), RangeError);
    const [{ token, waitSignal: signal }] = context.revokes as [FakeContext["revokes"][0]];
    assert.deepEqual([token, signal], [issued().accessToken, undefined]);
  });

  const rows: readonly (Fakes & { readonly file: string; readonly times: Properties })[] = [
    { file: "unrevoked", issue: unrevoked, times: { expiresAt: time(HOUR) } },
    {
      file: "unrecorded",
      issue: invalid,
      revoke: failing("revoke", failures.no_response),
      times: { expiresAt: time(HOUR) },
    },
  ];
  for (const { file, times, ...fakes } of rows) {
    it(`stores it as incomplete if it cannot be revoked: ${file}`, async () => {
      const error = await userFacing(() => create(inputs, fakeContext(fakes)));
      assert.match(error.id!, /^ci-[0-9a-f]{8}$/);
      const outputs = { accessToken: issued().accessToken, tokenType: "Bearer", ...times, incomplete: true };
      assert.deepEqual(error.properties, { ...inputs, ...outputs });
      assert.deepEqual(error.reasons, [error.message]);
      golden(`resource/create-${file}.txt`, error.message.replace(error.id!, "ci-0a1b2c3d"));
      assertNothingSecret(visible(error), [...Object.values(secrets), issued().accessToken]);
    });
  }
});

describe("create with existingToken", () => {
  const rows: readonly { readonly description: string; readonly token: string; readonly times: Properties }[] = [
    {
      description: "both times",
      token: jwt({ iat: -MINUTE, exp: HOUR }),
      times: { issuedAt: time(-MINUTE), expiresAt: time(HOUR) },
    },
    { description: "its expiry alone", token: jwt({ exp: HOUR }), times: { expiresAt: time(HOUR) } },
    { description: "no valid time", token: jwt({ nbf: 1 }), times: {} },
    { description: "nothing that can be read", token: "opaque", times: {} },
  ];
  for (const { description, token, times } of rows) {
    it(`adopts a token that contains ${description}, without a request or a client secret`, async () => {
      const context = fakeContext();
      const existing = inputsWith({ existingToken: token });
      const { id, outs } = await create(existing, context);
      assert.deepEqual(outs, { ...existing, accessToken: token, tokenType: "Bearer", ...times });
      const [{ tokenSha256, ...event }] = context.events as [FakeContext["events"][0]];
      assert.match(tokenSha256!, /^[0-9a-f]{64}$/);
      const expected = {
        time: "2026-11-01T12:00:00.000Z",
        event: "adopted",
        resourceId: id,
        clientId,
        origin,
        attempts: 0,
      };
      assert.deepEqual(event, expected);
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
