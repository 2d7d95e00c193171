import assert from "node:assert/strict";

import fc from "fast-check";

import { diff as diffWithChanges, type DiffResult } from "../../../provider/operations/diff";
import { read } from "../../../provider/operations/read";
import { INPUTS, UNKNOWN, type Properties } from "../../../provider/operations/record";
import {
  accessToken,
  assertNothingSecret,
  clientId,
  configured,
  fakeContext,
  HOUR,
  id,
  inputsWith,
  jwt,
  MINUTE,
  pair,
  secrets,
  stateWith,
  time,
  variables,
  type Fakes,
} from "./fake";
import { nonsense } from "./nonsense";

function diff(...args: Parameters<typeof diffWithChanges>): Omit<DiffResult, "changed"> {
  const { changes, replaces } = diffWithChanges(...args);
  return { changes, replaces };
}

interface Row extends Fakes {
  readonly description: string;
  /** What the state holds, as far as it differs from a fresh token's. */
  readonly olds?: Properties;
  readonly news?: Properties;
  readonly replaces: readonly string[];
  /** Default: whether anything is replaced. */
  readonly changes?: boolean;
  /** What the only line says besides the id; none is printed where it is absent. */
  readonly says?: string;
}

/** Loads no client, since the fake context has none. */
function compare({ olds = {}, news = {}, replaces, changes = replaces.length > 0, says, ...fakes }: Row): void {
  const context = fakeContext(fakes);
  assert.deepEqual(diff(id, ...pair(olds, news), context), { changes, replaces });
  assert.deepEqual(context.lines, says === undefined ? [] : [`ServiceAccountToken ${id} ${says}`]);
  assertNothingSecret(context.lines.join("\n"), [...Object.values(secrets), accessToken]);
}

function describeRows(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const row of rows) it(row.description, () => compare(row));
  });
}

const alone = { env: { [variables.clientSecret]: secrets.env } };

describeRows("diff sees no change", [
  { description: "where nothing changed and the token is not due", replaces: [] },
  {
    description: "where only the serialized text changed",
    olds: { __provider: "exports.handler = one;" },
    news: { __provider: "exports.handler = another;" },
    replaces: [],
  },
  { description: "where only the logical name changed, by way of an alias", news: { name: "other" }, replaces: [] },
  {
    description: "between keepers in another order",
    olds: { keepers: { a: 1, b: { c: 2, d: 3 } } },
    news: { keepers: { b: { d: 3, c: 2 }, a: 1 } },
    replaces: [],
  },
  { description: "between no keepers and empty ones", olds: {}, news: { keepers: {} }, replaces: [] },
  { description: "between empty keepers and none", olds: { keepers: {} }, news: {}, replaces: [] },
  { description: "between null and nothing", olds: { clientSecret: null }, news: {}, replaces: [] },
  { description: "in what only the state holds", olds: { tokenType: "Other", colour: "red" }, replaces: [] },
]);

describeRows("diff replaces for a change of", [
  { description: "clientId", news: { clientId: "another-client" }, replaces: ["clientId"], ...alone },
  { description: "baseUrl", news: { baseUrl: "https://another.example" }, replaces: ["baseUrl"] },
  { description: "keepers", olds: { keepers: { a: 1 } }, news: { keepers: { a: 2 } }, replaces: ["keepers"] },
  { description: "keepers, added", news: { keepers: { a: 1 } }, replaces: ["keepers"] },
  { description: "keepers, removed", olds: { keepers: { a: 1 } }, news: {}, replaces: ["keepers"] },
  {
    description: "keepers, deep within",
    olds: { keepers: { a: [{ b: 1 }] } },
    news: { keepers: { a: [{ b: "1" }] } },
    replaces: ["keepers"],
  },
  {
    description: "keepers, in the order of a list",
    olds: { keepers: { a: [1, 2] } },
    news: { keepers: { a: [2, 1] } },
    replaces: ["keepers"],
  },
  {
    description: "existingToken, added to a token that was issued",
    news: { existingToken: "opaque" },
    replaces: ["existingToken"],
  },
  {
    description: "existingToken, replaced by another one",
    olds: { existingToken: "opaque" },
    news: { existingToken: "another" },
    replaces: ["existingToken"],
    says: "has another existingToken: it is replaced",
  },
  {
    description: "existingToken, removed so that one is issued",
    olds: { existingToken: "opaque" },
    replaces: ["existingToken"],
  },
  {
    description: "several at once, each of which is named",
    news: { baseUrl: "https://another.example", keepers: { a: 1 }, clientSecret: secrets.input },
    replaces: ["baseUrl", "keepers"],
  },
]);

describeRows("diff replaces where it is not known yet", [
  { description: "what clientId will be", news: { clientId: UNKNOWN }, replaces: ["clientId"], ...alone },
  { description: "what baseUrl will be", news: { baseUrl: UNKNOWN }, replaces: ["baseUrl"] },
  {
    description: "what keepers will be",
    olds: { keepers: { a: 1 } },
    news: { keepers: UNKNOWN },
    replaces: ["keepers"],
  },
  {
    description: "what a keeper will be",
    olds: { keepers: { a: { b: 1 } } },
    news: { keepers: { a: { b: UNKNOWN } } },
    replaces: ["keepers"],
  },
  {
    description: "what existingToken will be",
    olds: { existingToken: "opaque" },
    news: { existingToken: UNKNOWN },
    replaces: ["existingToken"],
  },
]);

describeRows("diff updates in place, without network,", [
  {
    description: "where clientSecret changed",
    olds: { clientSecret: secrets.input },
    news: { clientSecret: secrets.env },
    replaces: [],
    changes: true,
    says: "has another clientSecret: it is updated in place, without a request",
  },
  { description: "where clientSecret was added", news: { clientSecret: secrets.input }, replaces: [], changes: true },
  { description: "where clientSecret was removed", olds: { clientSecret: secrets.input }, replaces: [], changes: true },
  {
    description: "where clientSecret is not known yet",
    olds: { clientSecret: secrets.input },
    news: { clientSecret: UNKNOWN },
    replaces: [],
    changes: true,
  },
  { description: "where renewBefore changed", news: { renewBefore: "20m" }, replaces: [], changes: true },
  {
    description: "where renewBefore is not known yet, even if the token is due by the old one",
    olds: { expiresAt: time(MINUTE) },
    news: { renewBefore: UNKNOWN },
    replaces: [],
    changes: true,
  },
  {
    description: "where renewBefore became never, even if the token has expired",
    olds: { expiresAt: time(-HOUR) },
    news: { renewBefore: "never" },
    replaces: [],
    changes: true,
  },
]);

describeRows("diff replaces a token that is due", [
  {
    description: "because it has expired",
    olds: { issuedAt: time(-2 * HOUR), expiresAt: time(-HOUR) },
    replaces: ["expiresAt"],
    says: "expired at 2026-11-01T11:00:00Z (60 min ago) and is replaced (renewBefore 10m)",
  },
  {
    description: "because it expires this very moment, and no margin is wanted",
    olds: { issuedAt: time(-HOUR), expiresAt: time(0), renewBefore: "0" },
    news: { renewBefore: "0" },
    replaces: ["expiresAt"],
    says: "expired at 2026-11-01T12:00:00Z (0 s ago) and is replaced (renewBefore 0)",
  },
  {
    description: "because it is within renewBefore of its expiry",
    olds: { issuedAt: time(-51 * MINUTE), expiresAt: time(9 * MINUTE) },
    replaces: ["expiresAt"],
    says: "expires at 2026-11-01T12:09:00Z (in 9 min), within renewBefore 10m: it is replaced",
  },
  {
    description: "because exactly renewBefore is left",
    olds: { issuedAt: time(-50 * MINUTE), expiresAt: time(10 * MINUTE) },
    replaces: ["expiresAt"],
    says: "expires at 2026-11-01T12:10:00Z (in 10 min), within renewBefore 10m: it is replaced",
  },
  {
    description: "by the new renewBefore, not by the old one",
    olds: { issuedAt: time(-30 * MINUTE), expiresAt: time(30 * MINUTE) },
    news: { renewBefore: "40m" },
    replaces: ["expiresAt"],
    says: "expires at 2026-11-01T12:30:00Z (in 30 min), within renewBefore 40m: it is replaced",
  },
  {
    description: "and says so as well where an input is the reason already",
    olds: { issuedAt: time(-51 * MINUTE), expiresAt: time(9 * MINUTE) },
    news: { keepers: { a: 1 } },
    replaces: ["keepers", "expiresAt"],
    says: "expires at 2026-11-01T12:09:00Z (in 9 min), within renewBefore 10m: it is replaced",
  },
  {
    description: "because the state does not say when it expires",
    olds: { expiresAt: undefined },
    replaces: ["expiresAt"],
    says: "has no readable expiry in the state: it is replaced",
  },
]);

describeRows("diff leaves a token alone", [
  {
    description: "that has a moment more than renewBefore left",
    olds: { issuedAt: time(-50 * MINUTE), expiresAt: time(10 * MINUTE + 1000) },
    replaces: [],
  },
  {
    description: "that has a moment left where no margin is wanted",
    olds: { issuedAt: time(-HOUR), expiresAt: time(1000), renewBefore: "0s" },
    news: { renewBefore: "0s" },
    replaces: [],
  },
  {
    description: "that has expired where renewBefore is never",
    olds: { issuedAt: time(-2 * HOUR), expiresAt: time(-HOUR), renewBefore: "never" },
    news: { renewBefore: "never" },
    replaces: [],
  },
  {
    description: "that does not say when it expires where renewBefore is never",
    olds: { expiresAt: undefined, renewBefore: "never" },
    news: { renewBefore: "never" },
    replaces: [],
  },
]);

describeRows("diff of a token whose whole life is no longer than renewBefore", [
  {
    description: "leaves it alone until it has expired, and says so",
    olds: { issuedAt: time(-4 * MINUTE), expiresAt: time(MINUTE) },
    replaces: [],
    says:
      "expires at 2026-11-01T12:01:00Z (in 60 s); its whole life of 5 min is no longer than renewBefore 10m: " +
      "it is replaced only once it has expired",
  },
  {
    description: "counts one that is exactly as long as renewBefore",
    olds: { issuedAt: time(0), expiresAt: time(10 * MINUTE) },
    replaces: [],
    says:
      "expires at 2026-11-01T12:10:00Z (in 10 min); its whole life of 10 min is no longer than renewBefore 10m: " +
      "it is replaced only once it has expired",
  },
  {
    description: "replaces it once it has expired",
    olds: { issuedAt: time(-6 * MINUTE), expiresAt: time(-MINUTE) },
    replaces: ["expiresAt"],
    says: "expired at 2026-11-01T11:59:00Z (60 s ago) and is replaced (renewBefore 10m)",
  },
  {
    description: "does not count one that lives a second longer than renewBefore",
    olds: { issuedAt: time(-1000), expiresAt: time(10 * MINUTE) },
    replaces: ["expiresAt"],
    says: "expires at 2026-11-01T12:10:00Z (in 10 min), within renewBefore 10m: it is replaced",
  },
  {
    description: "does not count one that does not say when it was issued",
    olds: { issuedAt: undefined, expiresAt: time(5 * MINUTE) },
    replaces: ["expiresAt"],
    says: "expires at 2026-11-01T12:05:00Z (in 5 min), within renewBefore 10m: it is replaced",
  },
]);

describe("diff of a token whose whole life is no longer than renewBefore", () => {
  it("says so each time", () => {
    const context = fakeContext();
    const states = pair({ issuedAt: time(0), expiresAt: time(5 * MINUTE) }, {});
    diff(id, ...states, context);
    diff(id, ...states, context);
    assert.equal(context.lines.length, 2);
  });
});

const unusable = "was issued but cannot be used: it is replaced";
describeRows("diff of an incomplete token", [
  { description: "replaces it", olds: { incomplete: true }, replaces: ["accessToken"], says: unusable },
  {
    description: "replaces it although renewBefore is never",
    olds: { incomplete: true, renewBefore: "never" },
    news: { renewBefore: "never" },
    replaces: ["accessToken"],
    says: unusable,
  },
  {
    description: "names the changed input as well",
    olds: { incomplete: true },
    news: { baseUrl: "https://another.example" },
    replaces: ["baseUrl", "accessToken"],
    says: unusable,
  },
  {
    description: "says nothing of its expiry",
    olds: { incomplete: true, expiresAt: time(-HOUR) },
    replaces: ["accessToken"],
    says: unusable,
  },
  { description: "is none where the mark is false", olds: { incomplete: false }, replaces: [] },
]);

const adopted = { existingToken: "opaque" };
describeRows("diff of an adopted token", [
  { description: "sees no change where there is none", olds: adopted, news: adopted, replaces: [] },
  ...["clientId", "baseUrl", "keepers", "clientSecret", "renewBefore"].map((name): Row => {
    const value = name === "keepers" ? { a: 1 } : name === "renewBefore" ? "20m" : "https://another.example";
    return {
      description: `updates it in place where ${name} changed`,
      olds: adopted,
      news: { ...adopted, [name]: value },
      replaces: [],
      changes: true,
    };
  }),
  {
    description: "updates it in place where keepers are not known yet",
    olds: { ...adopted, keepers: { a: 1 } },
    news: { ...adopted, keepers: { a: UNKNOWN } },
    replaces: [],
    changes: true,
  },
  {
    description: "names nothing but existingToken where more changed",
    olds: adopted,
    news: { existingToken: "another", baseUrl: "https://another.example" },
    replaces: ["existingToken"],
  },
  {
    description: "never replaces it because of time, and says that it cannot be renewed here",
    olds: { ...adopted, issuedAt: time(-51 * MINUTE), expiresAt: time(9 * MINUTE) },
    news: adopted,
    replaces: [],
    says: "expires at 2026-11-01T12:09:00Z (in 9 min); it was adopted and cannot be renewed here: pass another existingToken",
  },
  {
    description: "says so as well once it has expired",
    olds: { ...adopted, issuedAt: time(-2 * HOUR), expiresAt: time(-HOUR) },
    news: adopted,
    replaces: [],
    says: "expired at 2026-11-01T11:00:00Z (60 min ago); it was adopted and cannot be renewed here: pass another existingToken",
  },
  {
    description: "says that another one takes its place, rather than that it cannot be renewed",
    olds: { ...adopted, expiresAt: time(-HOUR) },
    news: { existingToken: "another" },
    replaces: ["existingToken"],
    says: "has another existingToken: it is replaced",
  },
  {
    description: "says nothing where renewBefore is never",
    olds: { ...adopted, renewBefore: "never", expiresAt: time(-HOUR) },
    news: { ...adopted, renewBefore: "never" },
    replaces: [],
  },
  {
    description: "says nothing of a short life, which it would not renew either way",
    olds: { ...adopted, issuedAt: time(0), expiresAt: time(5 * MINUTE) },
    news: adopted,
    replaces: [],
  },
  {
    description: "is content with one that does not tell its times",
    olds: { ...adopted, issuedAt: undefined, expiresAt: undefined },
    news: adopted,
    replaces: [],
  },
]);

const orphaned = `belongs to client id ${clientId}, for which no secret is at hand: it cannot be revoked with what is configured`;
const another = { clientId: "another-client" };
describeRows("diff of another clientId", [
  {
    description: "says where no secret of the old one is at hand",
    news: another,
    replaces: ["clientId"],
    says: orphaned,
  },
  {
    description: "does not count a secret beside the new one",
    news: another,
    config: { [configured.clientId]: another.clientId, [configured.clientSecret]: secrets.config },
    env: { [variables.clientId]: another.clientId, [variables.clientSecret]: secrets.env },
    replaces: ["clientId"],
    says: orphaned,
  },
  {
    description: "does not count the new clientSecret",
    news: { ...another, clientSecret: secrets.input },
    replaces: ["clientId"],
    says: orphaned,
  },
  {
    description: "is content with the secret in the state",
    olds: { clientSecret: secrets.input },
    news: { ...another, clientSecret: secrets.env },
    replaces: ["clientId"],
  },
  {
    description: "is content with a configured secret beside the old one",
    news: another,
    config: { [configured.clientId]: clientId, [configured.clientSecret]: secrets.config },
    replaces: ["clientId"],
  },
  {
    description: "is content with a secret of the environment beside no client id",
    news: another,
    ...alone,
    replaces: ["clientId"],
  },
  {
    description: "says it as well where the new one is not known yet",
    news: { clientId: UNKNOWN },
    replaces: ["clientId"],
    says: orphaned,
  },
  {
    description: "says it as well where the state holds no client id",
    olds: { clientId: undefined },
    replaces: ["clientId"],
    says: orphaned.replace(clientId, "(none)"),
  },
  {
    description: "says nothing of an adopted token, which stays",
    olds: adopted,
    news: { ...adopted, ...another },
    replaces: [],
    changes: true,
  },
]);

describe("diff after a read", () => {
  const due = pair({ issuedAt: time(-2 * HOUR), expiresAt: time(-HOUR) }, {});

  it("leaves time out", () => {
    const context = fakeContext();
    read(id, due[0], context);
    assert.deepEqual(diff(id, ...due, context), { changes: false, replaces: [] });
    assert.deepEqual(context.lines, []);
  });

  it("leaves time out once", () => {
    const context = fakeContext();
    read(id, due[0], context);
    diff(id, ...due, context);
    assert.deepEqual(diff(id, ...due, context), { changes: true, replaces: ["expiresAt"] });
    assert.equal(context.lines.length, 1);
  });

  it("leaves time out for the token that was read and for no other", () => {
    const context = fakeContext();
    read("another-0a1b2c3d", due[0], context);
    assert.deepEqual(diff(id, ...due, context).replaces, ["expiresAt"]);
  });

  it("leaves out that the token is incomplete, which is no drift either", () => {
    const context = fakeContext();
    read(id, stateWith({ incomplete: true }), context);
    assert.equal(diff(id, ...pair({ incomplete: true }, {}), context).changes, false);
    assert.equal(diff(id, ...pair({ incomplete: true }, {}), context).changes, true);
  });

  it("still sees a change of the inputs", () => {
    const context = fakeContext();
    read(id, due[0], context);
    assert.deepEqual(diff(id, ...pair({}, { keepers: { a: 1 } }), context), { changes: true, replaces: ["keepers"] });
  });
});

describe("diff of a state that was edited by hand", () => {
  for (const name of [...INPUTS, "accessToken", "tokenType", "issuedAt", "expiresAt", "incomplete"]) {
    for (const { description, value } of nonsense) {
      it(`decides although ${name} is ${description}`, () => {
        const { changes, replaces } = diff(id, { ...stateWith(), [name]: value }, inputsWith(), fakeContext());
        assert.ok(changes || replaces.length === 0);
      });
    }
  }

  it("decides where nothing is left", () => {
    const { changes, replaces } = diff(id, {}, inputsWith(), fakeContext());
    assert.deepEqual({ changes, replaces }, { changes: true, replaces: ["clientId", "baseUrl", "expiresAt"] });
  });

  it("decides whatever is in it", () => {
    const bag = fc.dictionary(fc.constantFrom(...INPUTS, "accessToken", "issuedAt", "expiresAt"), fc.anything());
    fc.assert(fc.property(bag, bag, (olds, news) => void diff(id, olds, news, fakeContext())));
  });
});

it("diff does not mention a token in any of its lines", () => {
  const token = jwt({ exp: 1 });
  const context = fakeContext();
  const rows = [{}, { incomplete: true }, { expiresAt: undefined }, { existingToken: token }];
  for (const olds of rows) diff(id, ...pair({ accessToken: token, expiresAt: time(-HOUR), ...olds }, another), context);
  assertNothingSecret(context.lines.join("\n"), [token]);
});
