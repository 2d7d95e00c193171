import assert from "node:assert/strict";

import fc from "fast-check";

import { RunState } from "../../../provider/operations/context";
import { remove } from "../../../provider/operations/delete";
import { UserFacingError } from "../../../provider/operations/user-facing-error";
import { INPUTS, type Properties } from "../../../provider/operations/record";
import {
  accessToken,
  assertNothingSecret,
  clientId,
  codes,
  configured,
  everythingOf,
  expectedFailure,
  failures,
  fakeContext,
  type Fakes,
  HOUR,
  id,
  MINUTE,
  NOW,
  oauthError,
  origin,
  printed,
  secrets,
  stateWith,
  time,
  variables,
} from "./fake";
import { nonsense } from "./nonsense";

const revoked: NonNullable<Fakes["revoke"]> = () => Promise.resolve();
const state = stateWith({ clientSecret: secrets.input });

/** Fails with that code whatever it is sent. */
function refusing(code: (typeof codes)[number]): NonNullable<Fakes["revoke"]> {
  return () => Promise.reject(oauthError("revoke", failures[code]));
}

/** Accepts those secrets only, as Atlas does once a secret was rotated. */
function accepting(...accepted: readonly string[]): NonNullable<Fakes["revoke"]> {
  return async (options) => {
    if (!accepted.includes(options.clientSecret)) await refusing("invalid_client")(options);
  };
}

/** A secret in each of the two places besides the state. */
const elsewhere = {
  config: { [configured.clientSecret]: secrets.config },
  env: { [variables.clientSecret]: secrets.env },
};

describe("delete of a token that has expired", () => {
  // The context has no client: as much as loading one fails the test.
  const rows: readonly { description: string; changes: Properties }[] = [
    { description: "is done without network or credentials", changes: {} },
    { description: "is done although the token is incomplete", changes: { incomplete: true } },
    { description: "is done although renewBefore is never", changes: { renewBefore: "never" } },
    { description: "is done although it was adopted", changes: { existingToken: accessToken } },
    { description: "is done whatever the offset of its expiry", changes: { expiresAt: "2026-11-01T13:00:00+02:00" } },
  ];
  for (const { description, changes } of rows) {
    it(description, () => remove(id, stateWith({ expiresAt: time(-HOUR), ...changes }), fakeContext()));
  }

  it("is done from the first moment after five minutes on", () =>
    remove(id, stateWith({ expiresAt: time(0) }), fakeContext({ now: NOW + 5 * MINUTE + 1 })));

  it("revokes it until those five minutes are over, since a clock may be wrong", async () => {
    const context = fakeContext({ now: NOW + 5 * MINUTE, revoke: revoked });
    await remove(id, { ...state, expiresAt: time(0) }, context);
    assert.equal(context.revokes.length, 1);
  });

  for (const name of [...INPUTS, "accessToken", "tokenType", "issuedAt", "incomplete"]) {
    for (const { description, value } of nonsense) {
      it(`is done although ${name} is ${description}`, () =>
        remove(id, { ...stateWith({ expiresAt: time(-HOUR) }), [name]: value }, fakeContext()));
    }
  }

  it("is done where nothing but its expiry is left", () => remove(id, { expiresAt: time(-HOUR) }, fakeContext()));
});

describe("delete", () => {
  it("revokes the token of the state with the credentials of its service account, and is done", async () => {
    const context = fakeContext({ revoke: revoked });
    await remove(id, state, context);
    assert.deepEqual(context.revokes, [
      {
        baseUrl: origin,
        clientId,
        clientSecret: secrets.input,
        token: accessToken,
        // From five minutes after it on, the client needs no answer any more.
        expiresAt: new Date(NOW + HOUR),
      },
    ]);
    assert.deepEqual([context.issues, context.lines], [[], []]);
  });

  const rows: readonly { description: string; changes: Properties }[] = [
    { description: "revokes an incomplete token", changes: { incomplete: true } },
    { description: "revokes an adopted token", changes: { existingToken: accessToken } },
    { description: "revokes a token although it is never renewed", changes: { renewBefore: "never" } },
    { description: "revokes a token although the state does not say when it was issued", changes: { issuedAt: null } },
  ];
  for (const { description, changes } of rows) {
    it(description, async () => {
      const context = fakeContext({ revoke: revoked });
      await remove(id, { ...state, ...changes }, context);
      assert.equal(context.revokes.length, 1);
    });
  }

  for (const { description, value } of nonsense) {
    it(`revokes a token whose expiry is ${description}`, async () => {
      const context = fakeContext({ revoke: revoked });
      await remove(id, { ...state, expiresAt: value }, context);
      assert.deepEqual(context.revokes, [
        { baseUrl: origin, clientId, clientSecret: secrets.input, token: accessToken },
      ]);
    });
  }

  it("can be run again after it failed", async () => {
    const answers = [refusing("server_error"), revoked];
    const context = fakeContext({ revoke: (options) => answers.shift()!(options) });
    await expectedFailure(remove(id, state, context));
    await remove(id, state, context);
    assert.equal(context.revokes.length, 2);
  });

  it("passes on what is no failure of the client but a bug, stack and all", async () => {
    const bug = new TypeError("a bug");
    const context = fakeContext({ ...elsewhere, revoke: () => Promise.reject(bug) });
    await assert.rejects(remove(id, state, context), (error) => error === bug);
    assert.equal(context.revokes.length, 1);
  });
});

describe("delete takes the secret", () => {
  const rows: readonly (Fakes & { description: string; input?: string; expected: readonly string[] })[] = [
    {
      description: "of the state, then of the configuration, then of the environment",
      input: secrets.input,
      ...elsewhere,
      expected: [secrets.input, secrets.config, secrets.env],
    },
    {
      description: "of the configuration first where the state has none",
      ...elsewhere,
      expected: [secrets.config, secrets.env],
    },
    { description: "of the environment alone", env: elsewhere.env, expected: [secrets.env] },
    {
      description: "that stands beside the token's own client id",
      config: { ...elsewhere.config, [configured.clientId]: clientId },
      env: { ...elsewhere.env, [variables.clientId]: clientId },
      expected: [secrets.config, secrets.env],
    },
    {
      description: "of no source that names another client id",
      input: secrets.input,
      config: { ...elsewhere.config, [configured.clientId]: "another-client" },
      env: { ...elsewhere.env, [variables.clientId]: "another-client" },
      expected: [secrets.input],
    },
    {
      description: "of the configuration although the environment names another client id",
      ...elsewhere,
      env: { ...elsewhere.env, [variables.clientId]: "another-client" },
      expected: [secrets.config],
    },
    {
      description: "of the environment although the configuration names another client id",
      ...elsewhere,
      config: { ...elsewhere.config, [configured.clientId]: "another-client" },
      expected: [secrets.env],
    },
    {
      description: "once where it is the same everywhere",
      input: secrets.env,
      config: { [configured.clientSecret]: secrets.env },
      env: elsewhere.env,
      expected: [secrets.env],
    },
    {
      description: "of no source where it is empty",
      input: secrets.input,
      config: { [configured.clientSecret]: "" },
      env: { [variables.clientSecret]: "" },
      expected: [secrets.input],
    },
    {
      description: "beside a client id that is empty, as beside none",
      env: { ...elsewhere.env, [variables.clientId]: "" },
      expected: [secrets.env],
    },
  ];
  for (const { description, input, expected, ...fakes } of rows) {
    it(description, async () => {
      const context = fakeContext({ ...fakes, revoke: accepting() });
      await expectedFailure(remove(id, stateWith({ clientSecret: input }), context));
      assert.deepEqual(
        context.revokes.map(({ clientSecret }) => clientSecret),
        expected,
      );
    });
  }
});

describe("delete without a secret for the token's client id", () => {
  const rows: readonly (Fakes & { description: string })[] = [
    { description: "fails where there is none at all" },
    {
      description: "fails where there are only those of another client id",
      config: { ...elsewhere.config, [configured.clientId]: "another-client" },
      env: { ...elsewhere.env, [variables.clientId]: "another-client" },
    },
  ];
  for (const { description, ...fakes } of rows) {
    it(`${description}, and names the variables to set and until when to wait, without network`, async () => {
      const error = await expectedFailure(remove(id, stateWith(), fakeContext(fakes)));
      for (const part of [
        id,
        clientId,
        variables.clientId,
        variables.clientSecret,
        "Or wait: from 2026-11-01T13:05:00Z",
      ]) {
        assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
      }
      assert.deepEqual(
        [printed(error), error.id],
        [`ServiceAccountToken ${id} was not revoked: no client secret`, undefined],
      );
      assertNothingSecret(everythingOf(error), [...Object.values(secrets), accessToken]);
    });
  }
});

describe("delete without a secret warns that the variables to set would move the program back", () => {
  const rows: readonly (Fakes & { description: string; warned: boolean })[] = [
    {
      description: "where the program has its client id from them",
      env: { [variables.clientId]: "another-client" },
      warned: true,
    },
    {
      description: "but not where the configuration gives the program its client id",
      config: { [configured.clientId]: "another-client" },
      env: { [variables.clientId]: "another-client" },
      warned: false,
    },
    {
      description: "but not where they name the token's own",
      env: { [variables.clientId]: clientId },
      warned: false,
    },
    { description: "but not where they are not set", warned: false },
  ];
  for (const { description, warned, ...fakes } of rows) {
    it(description, async () => {
      const { message } = await expectedFailure(remove(id, stateWith(), fakeContext(fakes)));
      const warning = /another-client from MONGODB_ATLAS_CLIENT_ID, first give it in the configuration or as inputs/;
      assert.equal(warning.test(message), warned, message);
      assert.equal(message.includes(`\`pulumi up\` would move back to ${clientId}`), warned);
    });
  }
});

describe("delete that Atlas refuses", () => {
  for (const code of codes) {
    it(`rejects with a message of its own, so that the token stays in the state: ${code}`, async () => {
      const context = fakeContext({ revoke: refusing(code) });
      const error = await expectedFailure(remove(id, state, context));
      assert.ok(error.message.startsWith(`ServiceAccountToken ${id} was not revoked: ${code}`), error.message);
      assert.deepEqual([printed(error), error.id], [`ServiceAccountToken ${id} was not revoked: ${code}`, undefined]);
      assert.equal("code" in error, false);
      assert.equal(context.revokes.length, 1);
      assertNothingSecret(everythingOf(error), [secrets.input, accessToken]);
    });
  }

  for (const code of codes.filter((each) => each !== "invalid_client")) {
    it(`does not try another secret, which would change nothing: ${code}`, async () => {
      const context = fakeContext({ ...elsewhere, revoke: refusing(code) });
      await expectedFailure(remove(id, state, context));
      assert.deepEqual([context.revokes.length, context.runState.accepted.size], [1, 0]);
    });
  }

  const sources: readonly (Fakes & { description: string; input?: string; source: string })[] = [
    {
      description: "the state",
      input: secrets.input,
      source: "the argument clientSecret (as of the last `pulumi up`)",
    },
    {
      description: "the configuration",
      config: elsewhere.config,
      source: "the stack's configuration (mongodbatlas:clientSecret) (as of the last `pulumi up`)",
    },
    {
      description: "the environment",
      env: elsewhere.env,
      source: "the environment variable MONGODB_ATLAS_CLIENT_SECRET",
    },
  ];
  for (const { description, input, source, ...fakes } of sources) {
    it(`says that the secret came from ${description}`, async () => {
      const context = fakeContext({ ...fakes, revoke: refusing("access_denied") });
      const error = await expectedFailure(remove(id, stateWith({ clientSecret: input }), context));
      assert.ok(error.message.includes(`client id ${clientId}, secret from ${source}\n`), error.message);
    });
  }

  it("says when the token expires, and from when on nothing needs to be revoked", async () => {
    const error = await expectedFailure(remove(id, state, fakeContext({ revoke: refusing("server_error") })));
    assert.match(error.message, /The token is still active; it expires at 2026-11-01T13:00:00Z \(in 60 min\)\./);
    assert.match(error.message, /from 2026-11-01T13:05:00Z on/);
  });

  it("repeats neither secret nor token, not even where they came with the server's words", async () => {
    const description = `no ${accessToken} for ${secrets.input} or ${Buffer.from(secrets.input).toString("base64url")}`;
    const revoke = () => Promise.reject(oauthError("revoke", { ...failures.access_denied, description }));
    const error = await expectedFailure(remove(id, state, fakeContext({ revoke })));
    assertNothingSecret(everythingOf(error), [
      secrets.input,
      accessToken,
      Buffer.from(secrets.input).toString("base64url"),
    ]);
    assert.match(error.message, /no \*\*\* for \*\*\* or \*\*\*/);
  });
});

describe("delete with a secret that is not accepted", () => {
  it("tries that of another source, and is done where it is accepted", async () => {
    const context = fakeContext({ ...elsewhere, revoke: accepting(secrets.env) });
    await remove(id, state, context);
    assert.deepEqual(
      context.revokes.map(({ clientSecret }) => clientSecret),
      [secrets.input, secrets.config, secrets.env],
    );
    assert.ok(context.revokes.every(({ token, baseUrl }) => token === accessToken && baseUrl === origin));
  });

  it("remembers the one that was accepted for the next token of that client", async () => {
    const runState = new RunState();
    const fakes = { ...elsewhere, runState, revoke: accepting(secrets.env) };
    await remove(id, state, fakeContext(fakes));
    const context = fakeContext(fakes);
    await remove("other-0a1b2c3d", state, context);
    assert.deepEqual(
      context.revokes.map(({ clientSecret }) => clientSecret),
      [secrets.env],
    );
  });

  it("remembers it for no other client", async () => {
    const runState = new RunState();
    const fakes = { ...elsewhere, runState, revoke: accepting(secrets.env) };
    await remove(id, state, fakeContext(fakes));
    const context = fakeContext(fakes);
    await remove("other-0a1b2c3d", { ...state, clientId: "another-client" }, context);
    assert.equal(context.revokes[0]?.clientSecret, secrets.input);
  });

  it("uses what it remembers only where it is still at hand", async () => {
    const runState = new RunState();
    runState.accepted.set(clientId, secrets.env);
    const context = fakeContext({ runState, revoke: revoked });
    await remove(id, state, context);
    assert.deepEqual(
      context.revokes.map(({ clientSecret }) => clientSecret),
      [secrets.input],
    );
  });

  it("falls back to the others where the remembered one is refused in turn", async () => {
    const runState = new RunState();
    runState.accepted.set(clientId, secrets.env);
    const context = fakeContext({ ...elsewhere, runState, revoke: accepting(secrets.config) });
    await remove(id, state, context);
    assert.deepEqual(
      context.revokes.map(({ clientSecret }) => clientSecret),
      [secrets.env, secrets.input, secrets.config],
    );
    assert.equal(runState.accepted.get(clientId), secrets.config);
  });

  it("names every source that was tried where none is accepted", async () => {
    const error = await expectedFailure(remove(id, state, fakeContext({ ...elsewhere, revoke: accepting() })));
    const sources = [
      "the argument clientSecret (as of the last `pulumi up`)",
      "the stack's configuration (mongodbatlas:clientSecret) (as of the last `pulumi up`)",
      "the environment variable MONGODB_ATLAS_CLIENT_SECRET",
    ];
    assert.ok(error.message.includes(`secret from ${sources.join(", then from ")}\n`), error.message);
    assertNothingSecret(everythingOf(error));
  });

  it("stops at the first one that fails otherwise, and names those that were tried", async () => {
    const answers = [refusing("invalid_client"), refusing("access_denied")];
    const context = fakeContext({ ...elsewhere, revoke: (options) => answers.shift()!(options) });
    const error = await expectedFailure(remove(id, state, context));
    assert.match(error.message, /access_denied \(403\)/);
    assert.match(
      error.message,
      /secret from the argument clientSecret .*, then from the stack's configuration \(mongodbatlas:clientSecret\)/,
    );
    assert.doesNotMatch(error.message, /then from the environment/);
    assert.deepEqual([context.revokes.length, context.runState.accepted.size], [2, 0]);
  });
});

describe("delete of a token that was replaced in this run", () => {
  async function messageWhere(
    issued: readonly (readonly [string, string])[],
    changes: Properties = {},
    replaced: readonly string[] = [id],
  ): Promise<string> {
    const runState = new RunState();
    for (const each of replaced) runState.replaced.add(each);
    for (const [name, newest] of issued) runState.issued.set(name, newest);
    const context = fakeContext({ runState, revoke: refusing("server_error") });
    return (await expectedFailure(remove(id, { ...state, ...changes }, context))).message;
  }

  it("names its replacement, and `pulumi up` as the command", async () => {
    const message = await messageWhere([["ci", "ci-4e5f6a7b"]]);
    assert.match(message, /Its replacement ci-4e5f6a7b is issued and in use\./);
    assert.match(message, /Next: .*run `pulumi up` again/);
    assert.doesNotMatch(message, /pulumi destroy/);
  });

  it("does so as well where no secret is at hand", async () => {
    const message = await messageWhere([["ci", "ci-4e5f6a7b"]], { clientSecret: undefined });
    assert.match(message, /Its replacement ci-4e5f6a7b is issued and in use\./);
  });

  const rows: readonly {
    description: string;
    issued: readonly (readonly [string, string])[];
    replaced?: readonly string[];
  }[] = [
    { description: "names none where none was issued", issued: [] },
    {
      description: "does not take one of the same name under another parent for it",
      issued: [["ci", "ci-4e5f6a7b"]],
      replaced: [],
    },
    { description: "does not take a token of another name for it", issued: [["other", "other-4e5f6a7b"]] },
  ];
  for (const { description, issued, replaced } of rows) {
    it(description, async () => {
      const message = await messageWhere(issued, {}, replaced);
      assert.doesNotMatch(message, /replacement/);
      assert.match(message, /`pulumi destroy`/);
    });
  }
});

describe("delete of a state that was edited by hand", () => {
  for (const missing of ["accessToken", "clientId", "baseUrl"]) {
    for (const { description, value } of nonsense.filter(({ value }) => typeof value !== "string" || value === "")) {
      it(`says that the state holds no ${missing} where it is ${description}, without network`, async () => {
        const error = await expectedFailure(remove(id, { ...state, [missing]: value }, fakeContext()));
        assert.match(error.message, new RegExp(`${id} was not revoked: the state holds no ${missing}\n`));
        assert.match(error.message, /The token is still active; it expires at 2026-11-01T13:00:00Z/);
        assert.equal(printed(error), `ServiceAccountToken ${id} was not revoked: unreadable state`);
      });
    }
  }

  it("fails with a reason where its expiry is the last moment that RFC 3339 can write", async () => {
    const context = fakeContext({ revoke: refusing("server_error") });
    const error = await expectedFailure(remove(id, { ...state, expiresAt: "9999-12-31T23:59:59-23:59" }, context));
    assert.match(error.message, /The token is still active/);
  });

  it("says so where nothing is left", async () => {
    const error = await expectedFailure(remove(id, {}, fakeContext()));
    assert.match(error.message, /the state holds no accessToken\n[^]*its expiry is not known/);
  });

  it("revokes, or fails with a reason, whatever is in it", async () => {
    const names = fc.constantFrom(...INPUTS, "accessToken", "issuedAt", "expiresAt", "incomplete");
    const bag = fc.dictionary(names, fc.oneof(fc.anything(), fc.string()));
    await fc.assert(
      fc.asyncProperty(bag, async (changes) => {
        const failure = await remove(
          id,
          { ...state, ...changes },
          fakeContext({ revoke: refusing("no_response") }),
        ).then(
          () => assert.fail("it resolved although the token may be active"),
          (error: unknown) => error,
        );
        assert.ok(failure instanceof UserFacingError, String(failure));
      }),
    );
  });
});
