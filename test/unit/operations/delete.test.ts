import assert from "node:assert/strict";

import fc from "fast-check";

import type { KnownBy } from "../../../provider/oauth/queue/expiry";
import { UNKNOWN } from "../../../provider/operations/arguments";
import { check } from "../../../provider/operations/check";
import { RunState, type Client } from "../../../provider/operations/context";
import { create } from "../../../provider/operations/create";
import { remove } from "../../../provider/operations/delete";
import { diff } from "../../../provider/operations/diff";
import type { Properties } from "../../../provider/operations/record";
import { UserFacingError } from "../../../provider/operations/user-facing-error";
import { golden } from "../../support/golden";
import { codes, type Code } from "../../support/oauth/failures";
import {
  accessToken,
  anyProperties,
  assertNothingSecret,
  clientId,
  elsewhere,
  eventsOf,
  failing,
  fakeContext,
  HOUR,
  id,
  inputsWith,
  issued,
  MINUTE,
  NOW,
  origin,
  revoked,
  secrets,
  stateWith,
  time,
  userFacing,
  type FakeContext,
  type Fakes,
} from "./fake";

const state = stateWith({ clientSecret: secrets.argument });

/** Accepts these client secrets only, as Atlas does after a rotation. */
function accepting(accepted: readonly string[], code: Code = "invalid_client"): Client["revoke"] {
  return async (options) => (accepted.includes(options.clientSecret) ? revoked(options) : failing("revoke", code)());
}

function secretsOf({ revokes }: FakeContext): string[] {
  return revokes.map(({ clientSecret }) => clientSecret);
}

describe("delete", () => {
  it("revokes the token with the credentials of its service account", async () => {
    const waitSignal = new AbortController().signal;
    const context = fakeContext({ revoke: revoked, retryTimeoutMs: 7, waitSignal });
    await remove(id, state, context);
    const [{ onEvent, ...options }] = context.revokes as [FakeContext["revokes"][0]];
    const credentials = { baseUrl: origin, clientId, clientSecret: secrets.argument, token: accessToken };
    assert.deepEqual(options, { ...credentials, expiresAt: new Date(NOW + HOUR), retryTimeoutMs: 7, waitSignal });
    assert.deepEqual(context.lines, []);
    const event = { time: time(0), event: "revoked", clientId, origin } as const;
    onEvent!(event);
    assert.deepEqual(context.events, [{ ...event, resourceId: id }], "events name the resource");
  });

  it("revokes whatever else the state contains, also without a valid expiry", async () => {
    const context = fakeContext({ revoke: revoked });
    const odd = [{ incomplete: true }, { existingToken: accessToken }, { renewBefore: "never" }, { expiresAt: "soon" }];
    for (const changes of odd) await remove(id, { ...state, ...changes }, context);
    const withExpiry = context.revokes.map((options) => "expiresAt" in options);
    assert.deepEqual(withExpiry, [true, true, true, false]);
  });

  it("takes an infinite timeout for a very long one, since it is not the state's fault", async () => {
    const context = fakeContext({ revoke: revoked, retryTimeoutMs: Infinity });
    await remove(id, state, context);
    assert.ok(Number.isFinite(context.revokes[0]?.retryTimeoutMs));
  });
});

describe("delete that fails", () => {
  for (const code of codes) {
    it(`with ${code} says what delete-${code}.txt contains`, async () => {
      const context = fakeContext({ revoke: failing("revoke", code) });
      const error = await userFacing(() => remove(id, state, context));
      golden(`resource/delete-${code}.txt`, error.message);
      assert.equal(`${String(error)}: ${error.stack}`, `ServiceAccountToken ${id} was not revoked: ${code}`);
      assert.deepEqual([error.id, context.revokes.length], [undefined, 1]);
      assertNothingSecret(error, [secrets.argument, accessToken]);
    });
  }

  const rows: readonly { readonly file: string; readonly changes?: Properties; readonly fakes?: Fakes }[] = [
    { file: "without-expiry", changes: { expiresAt: undefined } },
    {
      file: "invalid_client-without-expiry",
      changes: { expiresAt: undefined },
      fakes: { revoke: failing("revoke", "invalid_client") },
    },
    { file: "local-clock-fast", fakes: { now: NOW + 3 * HOUR } },
    { file: "within-clock-skew", fakes: { now: NOW + HOUR + MINUTE } },
    { file: "all-sources", fakes: { ...elsewhere, revoke: accepting([]) } },
    {
      file: "plugin",
      changes: { clientSecret: undefined },
      fakes: { ...elsewhere, namespace: "atlas-token", revoke: accepting([]) },
    },
  ];
  for (const { file, changes, fakes } of rows) {
    it(`says what is known: ${file}`, async () => {
      const context = fakeContext({ revoke: failing("revoke", "server_error"), ...fakes });
      const error = await userFacing(() => remove(id, stateWith({ ...state, ...changes }), context));
      golden(`resource/delete-${file}.txt`, error.message);
      assert.equal(error.reasons, undefined, "only a token that was issued is stored with reasons");
      assertNothingSecret(error);
    });
  }

  it("because of a bug passes it on unchanged", async () => {
    const bug = new TypeError("a bug");
    await assert.rejects(remove(id, state, fakeContext({ revoke: () => Promise.reject(bug) })), bug);
  });
});

describe("delete with a rejected client secret", () => {
  for (const code of ["invalid_client", "invalid_request"] as const) {
    it(`tries the next source after ${code}, and remembers what was accepted for that client ID and origin`, async () => {
      const fakes = { ...elsewhere, runState: new RunState(), revoke: accepting([secrets.env], code) };
      const attempts = [];
      for (const changes of [{}, {}, { clientId: "mdb_sa_id_other" }, { baseUrl: "https://other.example" }]) {
        const context = fakeContext(fakes);
        await remove(id, { ...state, ...changes }, context);
        attempts.push(secretsOf(context));
      }
      const all = [secrets.argument, secrets.config, secrets.env];
      assert.deepEqual(attempts, [all, [secrets.env], all, all]);
    });
  }

  it("tries the others if the remembered one is rejected in turn", async () => {
    const context = fakeContext({ ...elsewhere, revoke: accepting([secrets.config]) });
    context.runState.secrets.noteAccepted({ clientId, baseUrl: origin }, secrets.env);
    await remove(id, state, context);
    assert.deepEqual(secretsOf(context), [secrets.env, secrets.argument, secrets.config]);
    await remove(id, state, context);
    assert.equal(secretsOf(context).at(3), secrets.config);
  });

  it("lets no message of one attempt repeat the secret of another", async () => {
    const others: (readonly string[] | undefined)[] = [];
    const revoke: Client["revoke"] = async (_, { otherSecrets } = {}) => (
      others.push(otherSecrets),
      failing("revoke", "invalid_client")()
    );
    await userFacing(() => remove(id, state, fakeContext({ ...elsewhere, revoke })));
    const { argument, config, env } = secrets;
    assert.deepEqual(others, [
      [config, env],
      [argument, env],
      [argument, config],
    ]);
  });

  const rotated = "fake-secret-after-the-rotation";
  for (const [what, changes, tried] of [
    ["tries the one that the program passes in this run", {}, [secrets.argument, rotated]],
    ["tries none that is for another client ID", { clientId: "mdb_sa_id_other" }, [secrets.argument]],
    ["tries none that is for another origin", { baseUrl: "https://other.example" }, [secrets.argument]],
    ["tries none that is not known yet", { clientSecret: UNKNOWN }, [secrets.argument]],
  ] as const) {
    it(what, async () => {
      const context = fakeContext({ revoke: accepting([rotated]) });
      check(state, inputsWith({ clientSecret: rotated, ...changes }), context);
      const error: unknown = await remove(id, state, context).catch((error: unknown) => error);
      assert.deepEqual(secretsOf(context), tried);
      if (tried.length > 1) assert.equal(error, undefined);
      else assert.ok(error instanceof UserFacingError && !error.message.includes("of this run"));
    });
  }

  it("begins with the one that has just issued the replacement", async () => {
    const context = fakeContext({ issue: () => Promise.resolve(issued()), revoke: accepting([rotated]) });
    await create(inputsWith({ clientSecret: rotated }), context);
    await remove(id, state, context);
    assert.deepEqual(secretsOf(context), [rotated]);
  });

  it("tries no other one after any other failure", async () => {
    for (const code of codes.filter((code) => code !== "invalid_client" && code !== "invalid_request")) {
      const context = fakeContext({ ...elsewhere, revoke: failing("revoke", code) });
      const { message } = await userFacing(() => remove(id, state, context));
      assert.deepEqual(secretsOf(context), [secrets.argument], code);
      assert.doesNotMatch(message, /, then from /, "it names a source that was not tried");
    }
  });
});

describe("delete without a client secret", () => {
  const account = (clientId: string, clientSecret: string): Record<string, string> => ({
    MONGODB_ATLAS_CLIENT_ID: clientId,
    MONGODB_ATLAS_CLIENT_SECRET: clientSecret,
  });
  const other = account("mdb_sa_id_other", secrets.env);
  const configured = { clientId: "mdb_sa_id_config", clientSecret: secrets.config };
  for (const [file, env, config] of [
    ["missing-secret", {}, {}],
    ["missing-secret-other-in-use", other, {}],
    ["missing-secret-other-configured", other, configured],
    ["missing-secret-swapped", account(clientId, "mdb_sa_id_fake"), {}],
    ["missing-secret-swapped-id", account("mdb_sa_sk_fake", "mdb_sa_id_fake"), {}],
  ] as const) {
    it(`says how to configure it: ${file}`, async () => {
      const context = fakeContext({ env, config });
      const error = await userFacing(() => remove(id, stateWith(), context));
      golden(`resource/delete-${file}.txt`, error.message);
      assert.deepEqual(eventsOf(context), [["revoke_failed", id]]);
      assert.equal(`${String(error)}: ${error.stack}`, `ServiceAccountToken ${id} was not revoked: no client secret`);
      assertNothingSecret(error, [...Object.values(secrets), "mdb_sa_sk_fake"]);
    });
  }
});

describe("delete of a token that has expired", () => {
  const expired = (knownBy: KnownBy, attempts: number, reason?: string) => () =>
    Promise.resolve({ outcome: "expired", knownBy, attempts, ...(reason === undefined ? {} : { reason }) } as const);
  const rows: readonly (Fakes & { readonly file: string; readonly properties?: Properties })[] = [
    { file: "both-clocks", revoke: expired("both-clocks", 0) },
    { file: "while-retrying", revoke: expired("both-clocks", 3) },
    { file: "unreachable", revoke: expired("local-clock", 5, "unreachable: Atlas could not be reached: ECONNREFUSED") },
    {
      file: "unreachable-before",
      revoke: expired("local-clock", 0, "no_response: no response was received: ECONNRESET"),
    },
    { file: "without-secret", properties: stateWith() },
    { file: "without-secret-both-clocks", properties: stateWith(), atlasNow: NOW + 3 * HOUR },
    { file: "without-token", properties: stateWith({ accessToken: undefined }) },
    { file: "with-invalid-state", revoke: failing("revoke", "invalid_argument") },
    { file: "with-nothing-else", properties: { expiresAt: time(HOUR) } },
  ];
  for (const { file, properties = state, ...fakes } of rows) {
    it(`is done, and a line says why nothing was revoked: ${file}`, async () => {
      const context = fakeContext({ now: NOW + 3 * HOUR, ...fakes });
      await remove(id, properties, context);
      golden(`resource/expired-${file}.txt`, context.lines.join("\n"));
      // The client reports what it decides itself.
      const own = context.revokes.length > 0 && file !== "with-invalid-state" ? [] : [["expired", id]];
      assert.deepEqual(eventsOf(context), own);
    });
  }

  it("fails without a client secret unless it expired more than five minutes ago, on Atlas's clock too", async () => {
    for (const fakes of [{ now: NOW + HOUR + 5 * MINUTE }, { now: NOW + 3 * HOUR, atlasNow: NOW }]) {
      await userFacing(() => remove(id, stateWith(), fakeContext(fakes)));
    }
  });
});

describe("delete of a token that was replaced in this run", () => {
  /** Runs the engine's calls for resources of these logical names, and deletes the old token of the resource "ci". */
  async function deleteAfter(replaced: readonly string[], created: readonly string[] = []): Promise<string> {
    const revoke = failing("revoke", "invalid_client");
    const context = fakeContext({ issue: () => Promise.resolve(issued()), revoke });
    const newsOf = (name: string): Properties =>
      inputsWith({ name, clientSecret: secrets.argument, keepers: { a: 1 } });
    for (const name of replaced) {
      check(state, newsOf(name), context);
      diff(`${name}-0a1b2c3d`, stateWith({ name }), newsOf(name), context);
    }
    const names = [...replaced, ...created];
    for (const name of names) check({}, newsOf(name), context);
    for (const name of names) await create(newsOf(name), context);
    return (await userFacing(() => remove(id, state, context))).message;
  }

  it("names its replacement, and the command to rerun", async () => {
    const message = await deleteAfter(["ci", "other"]);
    golden("resource/delete-replaced.txt", message.replace(/replacement ci-[0-9a-f]{8}/, "replacement ci-4e5f6a7b"));
  });

  it("names none if a resource of the same name, under another parent, is replaced or created", async () => {
    assert.doesNotMatch(await deleteAfter(["ci", "ci"]), /replacement/);
    assert.doesNotMatch(await deleteAfter(["ci"], ["ci"]), /replacement/);
  });

  it("names none if it was not replaced", async () => {
    assert.doesNotMatch(await deleteAfter(["other"], ["ci"]), /replacement/);
  });
});

describe("delete of a token that several resources have", () => {
  const existingToken = accessToken;
  const adopted = { ...state, existingToken };
  const inputs = inputsWith({ clientSecret: secrets.argument, existingToken });
  type Rows = Readonly<Record<string, (context: FakeContext) => unknown>>;

  const kept: Rows = {
    "its replacement has adopted": (context) => create(inputs, context),
    "another resource keeps": (context) => diff("other-0a1b2c3d", adopted, { ...inputs, renewBefore: "5m" }, context),
    "another resource was issued": (context) => diff("other-0a1b2c3d", state, inputsWith(), context),
  };
  for (const [what, prepare] of Object.entries(kept)) {
    it(`revokes none that ${what}, and a line says so`, async () => {
      const context = fakeContext({ revoke: revoked });
      diff(id, adopted, inputs, context);
      await prepare(context);
      await remove(id, adopted, context);
      const line = context.lines.join("\n").replace(/(?:ci|other)-[0-9a-f]{8} has/, "ci-4e5f6a7b has");
      golden("resource/deleted-held.txt", line);
      assert.deepEqual([context.revokes, eventsOf(context).filter(([event]) => event !== "adopted")], [[], []]);
    });
  }

  const revokedAnyway: Rows = {
    "the last of them leaves": async (context) => {
      diff(id, adopted, inputs, context);
      diff("other-0a1b2c3d", adopted, inputs, context);
      await remove("other-0a1b2c3d", adopted, context);
    },
    "the other one is replaced as well": (context) => {
      diff("other-0a1b2c3d", adopted, inputs, context);
      diff("other-0a1b2c3d", adopted, { ...inputs, existingToken: "another-token" }, context);
    },
    "the other one says that it belongs to another service account": (context) =>
      diff("other-0a1b2c3d", { ...adopted, clientId: "mdb_sa_id_other" }, inputs, context),
    "the other one says that it lives elsewhere": (context) =>
      create({ ...inputs, baseUrl: "https://other.example" }, context),
    "the other one was not adopted in the end": (context) =>
      userFacing(() => create({ ...inputs, existingToken: "Bearer mangled" }, context)),
  };
  for (const [what, prepare] of Object.entries(revokedAnyway)) {
    it(`revokes it if ${what}`, async () => {
      const context = fakeContext({ revoke: revoked });
      await prepare(context);
      assert.equal(context.revokes.length, 0);
      await remove(id, adopted, context);
      assert.equal(context.revokes.length, 1);
    });
  }

  it("lets nobody adopt it again once it may be revoked", async () => {
    for (const [code, adoptable] of [
      ["access_denied", true],
      ["no_response", false],
    ] as const) {
      const context = fakeContext({ revoke: failing("revoke", code) });
      await userFacing(() => remove(id, adopted, context));
      if (adoptable) await create(inputs, context);
      else
        golden("resource/create-existingToken-revoked.txt", (await userFacing(() => create(inputs, context))).message);
    }
  });
});

describe("delete of a state that was modified", () => {
  for (const missing of ["accessToken", "clientId", "baseUrl"]) {
    it(`says that ${missing} is missing, without a request`, async () => {
      for (const value of [undefined, null, "", 5, {}, ...(missing === "clientId" ? ["mdb_sa_sk_fake"] : [])]) {
        const context = fakeContext();
        const error = await userFacing(() => remove(id, { ...state, [missing]: value }, context));
        golden(`resource/delete-missing-${missing}.txt`, error.message);
        assert.equal(context.events[0]?.event, "revoke_failed");
      }
    });
  }

  it("revokes or says why not, whatever it contains", async () => {
    await fc.assert(
      fc.asyncProperty(anyProperties, async (changes) => {
        const context = fakeContext({ revoke: failing("revoke", "no_response") });
        const error = await remove(id, { ...state, ...changes }, context).catch((error: unknown) => error);
        // It may have got an expiry that is long past; the line says so.
        if (error === undefined) assert.equal(context.lines.length, 1);
        else assert.ok(error instanceof UserFacingError);
      }),
    );
  });
});
