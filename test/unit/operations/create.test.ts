import assert from "node:assert/strict";

import { create, type CreateResult } from "../../../provider/operations/create";
import type { FailureDetails } from "../../../provider/oauth/failure";
import type { Properties } from "../../../provider/operations/record";
import {
  assertNothingSecret,
  claim,
  clientId,
  codes,
  configured,
  everythingOf,
  expectedFailure,
  failures,
  fakeContext,
  type FakeContext,
  type Fakes,
  HOUR,
  inputsWith,
  issued,
  jwt,
  MINUTE,
  NOW,
  oauthError,
  origin,
  printed,
  secrets,
  time,
  variables,
} from "./fake";

const inputs = inputsWith({ clientSecret: secrets.input });
const token = issued();

/** Fails where anything in it, at any depth, is undefined: it would fail on the wire, after the token was issued. */
function assertNothingUndefined(properties: unknown): void {
  assert.deepEqual(JSON.parse(JSON.stringify(properties)), properties);
}

describe("create", () => {
  it("issues a token and returns the inputs with what came of them", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(token) });
    const withText = { ...inputs, keepers: { a: [1] }, __provider: "exports.handler = …" };
    const { id, outs } = await create(withText, context);
    assert.match(id, /^ci-[0-9a-f]{8}$/);
    assert.deepEqual(outs, {
      ...withText,
      accessToken: token.accessToken,
      tokenType: "Bearer",
      issuedAt: "2026-11-01T12:00:00Z",
      expiresAt: "2026-11-01T13:00:00Z",
    });
    assert.deepEqual(context.issues, [{ baseUrl: origin, clientId, clientSecret: secrets.input }]);
    assert.deepEqual([context.revokes, context.lines], [[], []]);
  });

  it("writes times as RFC 3339 in whole seconds, whatever the server's fractions", async () => {
    const fractions = issued({ issuedAt: new Date(NOW + 999), expiresAt: new Date(NOW + HOUR + 500) });
    const { outs } = await create(inputs, fakeContext({ issue: () => Promise.resolve(fractions) }));
    assert.deepEqual([outs["issuedAt"], outs["expiresAt"]], ["2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z"]);
  });

  it("gives each token an id of its own that tells nothing of it", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(token) });
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await create(inputs, context)).id));
    assert.equal(new Set(ids).size, ids.length);
    assertNothingSecret(ids.join(), [token.accessToken, secrets.input]);
  });

  it("has an id even for a resource without a name", async () => {
    const { id } = await create({ ...inputs, name: undefined }, fakeContext({ issue: () => Promise.resolve(token) }));
    assert.match(id, /^token-[0-9a-f]{8}$/);
  });

  it("leaves keys without a value out", async () => {
    const withGaps = { ...inputs, keepers: undefined, existingToken: undefined };
    const { outs } = await create(withGaps, fakeContext({ issue: () => Promise.resolve(token) }));
    assertNothingUndefined(outs);
    assert.equal(Object.keys(outs).includes("keepers"), false);
  });

  it("remembers the newest token of a name, for the message of the one that it replaces", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(token) });
    const ids = [(await create(inputs, context)).id, (await create(inputs, context)).id];
    assert.equal(context.runState.issued.get("ci"), ids[1]);
  });
});

describe("create takes the secret", () => {
  const everywhere: Fakes = {
    config: { [configured.clientSecret]: secrets.config },
    env: { [variables.clientSecret]: secrets.env },
  };
  const rows: readonly (Fakes & { description: string; secret?: string; expected: string })[] = [
    { description: "of the inputs first", secret: secrets.input, expected: secrets.input, ...everywhere },
    { description: "of the configuration next", expected: secrets.config, ...everywhere },
    {
      description: "of the environment where that of the configuration stands beside another client id",
      expected: secrets.env,
      ...everywhere,
      config: { ...everywhere.config, [configured.clientId]: "another-client" },
    },
  ];
  for (const { description, secret, expected, ...fakes } of rows) {
    it(description, async () => {
      const context = fakeContext({ ...fakes, issue: () => Promise.resolve(token) });
      const { outs } = await create(inputsWith({ clientSecret: secret }), context);
      assert.equal(context.issues[0]?.clientSecret, expected);
      assert.equal(outs["clientSecret"], secret);
    });
  }

  it("of nowhere: it says so, without network", async () => {
    const error = await expectedFailure(create(inputsWith(), fakeContext()));
    assert.equal(
      error.message,
      `ServiceAccountToken "ci": no token was issued: no secret is at hand for client id ${clientId}`,
    );
    assert.deepEqual([error.id, printed(error)], [undefined, error.message]);
  });
});

describe("create that is refused a token", () => {
  function refused(details: Partial<FailureDetails> = {}): Fakes {
    const failure = { ...failures.access_denied, ...details };
    return { issue: () => Promise.reject(oauthError("issue", failure)) };
  }

  for (const code of codes) {
    it(`rejects with a message of its own and stores nothing: ${code}`, async () => {
      const context = fakeContext({ issue: () => Promise.reject(oauthError("issue", failures[code])) });
      const error = await expectedFailure(create(inputs, context));
      assert.ok(error.message.startsWith(`ServiceAccountToken "ci": no token was issued: ${code}`), error.message);
      assert.equal(printed(error), `ServiceAccountToken "ci": no token was issued: ${code}`);
      assert.deepEqual([error.id, error.properties, error.reasons], [undefined, undefined, undefined]);
      assert.deepEqual([context.issues.length, context.revokes, context.runState.issued.size], [1, [], 0]);
    });
  }

  it("says where the secret came from", async () => {
    const env = { [variables.clientSecret]: secrets.env };
    const error = await expectedFailure(create(inputsWith(), fakeContext({ ...refused(), env })));
    assert.match(error.message, /secret from the environment variable MONGODB_ATLAS_CLIENT_SECRET\n/);
    assert.match(error.message, /POST atlas\.example\/api\/oauth\/token, client id fake-client,/);
  });

  it("repeats no secret, not even one that came with the server's words", async () => {
    const pair = Buffer.from(`${clientId}:${secrets.input}`).toString("base64");
    const description = `denied to ${secrets.input}, that is Basic ${pair}`;
    const error = await expectedFailure(create(inputs, fakeContext(refused({ description }))));
    assertNothingSecret(everythingOf(error), [secrets.input, pair]);
    assert.match(error.message, /denied to \*\*\*, that is Basic \*\*\*/);
  });

  it("passes on what is no failure of the client but a bug, stack and all", async () => {
    const bug = new TypeError("a bug");
    await assert.rejects(create(inputs, fakeContext({ issue: () => Promise.reject(bug) })), (error) => error === bug);
  });
});

describe("create that fails once the token was issued", () => {
  /** A time that cannot be written down, so that what follows the issue throws. */
  const unwritable = issued({ issuedAt: new Date(NaN) });

  it("revokes it and rejects with what went wrong", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(unwritable), revoke: () => Promise.resolve() });
    await assert.rejects(create(inputs, context), RangeError);
    assert.deepEqual(context.revokes, [
      { baseUrl: origin, clientId, clientSecret: secrets.input, token: unwritable.accessToken },
    ]);
    assert.equal(context.runState.issued.size, 0);
  });

  async function kept(
    changes: Properties,
    answer = unwritable,
  ): Promise<[Awaited<ReturnType<typeof failure>>, FakeContext]> {
    const context = fakeContext({
      issue: () => Promise.resolve(answer),
      revoke: () => Promise.reject(oauthError("revoke", failures.unreachable)),
    });
    const failure = () => expectedFailure(create({ ...inputs, ...changes }, context));
    return [await failure(), context];
  }

  it("puts it into the state as incomplete where it cannot be revoked either", async () => {
    const [error, context] = await kept({ __provider: "exports.handler = …", keepers: { a: 1 } });
    assert.match(error.id ?? "", /^ci-[0-9a-f]{8}$/);
    assert.deepEqual(error.properties, {
      ...inputs,
      __provider: "exports.handler = …",
      keepers: { a: 1 },
      accessToken: unwritable.accessToken,
      tokenType: "Bearer",
      expiresAt: time(HOUR),
      incomplete: true,
    });
    assert.deepEqual(error.reasons, [error.message]);
    assert.match(error.message, new RegExp(`^ServiceAccountToken ${error.id} was issued but cannot be used: `));
    assert.equal(context.revokes.length, 1);
    assert.equal(context.runState.issued.size, 0);
  });

  it("leaves out of that state what has no value", async () => {
    const nothing = issued({ issuedAt: new Date(NaN), expiresAt: new Date(NaN) });
    const [{ properties }] = await kept({ keepers: undefined, existingToken: undefined }, nothing);
    assertNothingUndefined(properties);
    assert.deepEqual(
      ["keepers", "existingToken", "issuedAt", "expiresAt"].filter((key) => key in properties!),
      [],
    );
  });

  it("says nothing secret outside of that state", async () => {
    const [error] = await kept({});
    assertNothingSecret([error.message, String(error), ...error.reasons!].join(), [secrets.input, token.accessToken]);
  });
});

describe("create that is handed a stranded token", () => {
  it("puts it into the state as incomplete, with why", async () => {
    const why = { ...failures.unexpected_response, status: 200, description: "its token_type is MAC, not Bearer" };
    const context = fakeContext({
      issue: () => Promise.resolve({ unrevoked: token, error: oauthError("issue", why) }),
    });
    const error = await expectedFailure(create(inputs, context));
    assert.deepEqual(error.properties, {
      ...inputs,
      accessToken: token.accessToken,
      tokenType: "Bearer",
      expiresAt: time(HOUR),
      incomplete: true,
    });
    assert.deepEqual(error.reasons, [error.message]);
    assert.equal(
      printed(error),
      `ServiceAccountToken ${error.id} was issued but cannot be used: it is kept in the state`,
    );
    assert.match(error.message, /cannot be used: its token_type is MAC, not Bearer\n/);
    assert.deepEqual([context.revokes, context.runState.issued.size], [[], 0]);
  });

  it("names the code where there are no words", async () => {
    const { description, ...why } = failures.unexpected_response;
    const issue = () => Promise.resolve({ unrevoked: token, error: oauthError("issue", why) });
    const error = await expectedFailure(create(inputs, fakeContext({ issue })));
    assert.match(error.message, /cannot be used: unexpected_response\n/);
    assert.doesNotMatch(error.message, new RegExp(description));
  });
});

describe("create that adopts a token", () => {
  function adopt(existingToken: string): Promise<CreateResult> {
    return create(inputsWith({ existingToken }), fakeContext());
  }

  const rows = [
    {
      description: "takes both times from it",
      adopted: jwt({ iat: claim(-10 * MINUTE), exp: claim(50 * MINUTE) }),
      times: { issuedAt: "2026-11-01T11:50:00Z", expiresAt: "2026-11-01T12:50:00Z" },
    },
    {
      description: "takes the expiry alone",
      adopted: jwt({ exp: claim(1000) }),
      times: { expiresAt: "2026-11-01T12:00:01Z" },
    },
    {
      description: "takes the time of issue alone",
      adopted: jwt({ iat: claim(0) }),
      times: { issuedAt: "2026-11-01T12:00:00Z" },
    },
    { description: "does without times where it tells none", adopted: jwt({}), times: {} },
    { description: "does without times that make no sense", adopted: jwt({ iat: "now", exp: 1e300 }), times: {} },
    { description: "does without times where it is no JWT", adopted: "opaque-token", times: {} },
  ];
  for (const { description, adopted, times } of rows) {
    it(`${description}, without network and without a secret`, async () => {
      const { id, outs } = await adopt(adopted);
      assert.match(id, /^ci-[0-9a-f]{8}$/);
      assert.deepEqual(outs, {
        ...inputsWith({ existingToken: adopted }),
        accessToken: adopted,
        tokenType: "Bearer",
        ...times,
      });
    });
  }

  for (const exp of [claim(-HOUR), claim(0)]) {
    it(`refuses one that expired ${(claim(0) - exp) / 60} minutes ago: there is nothing to adopt`, async () => {
      const adopted = jwt({ exp });
      const error = await expectedFailure(adopt(adopted));
      assert.match(
        error.message,
        /^ServiceAccountToken "ci": no token was issued: existingToken expired at 2026-11-01T1[12]:00:00Z \(.* ago\): there is nothing to adopt$/,
      );
      assert.equal(error.id, undefined);
      assertNothingSecret(everythingOf(error), [adopted]);
    });
  }

  it("remembers it as the newest of its name as well", async () => {
    const context = fakeContext();
    const { id } = await create(inputsWith({ existingToken: "opaque-token" }), context);
    assert.equal(context.runState.issued.get("ci"), id);
  });
});
