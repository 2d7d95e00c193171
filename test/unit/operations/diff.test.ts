import assert from "node:assert/strict";

import fc from "fast-check";

import { RunState } from "../../../provider/operations/context";
import { diff, type DiffResult } from "../../../provider/operations/diff";
import { UNKNOWN } from "../../../provider/operations/inputs";
import { read } from "../../../provider/operations/read";
import type { Properties } from "../../../provider/operations/record";
import { golden } from "../../support/golden";
import { anyProperties, fakeContext, HOUR, id, inputsWith, MINUTE, secrets, stateWith, time, type Fakes } from "./fake";

interface Row {
  readonly description: string;
  readonly olds?: Properties;
  readonly news?: Properties;
  readonly replaces?: readonly string[];
  readonly changed?: readonly string[];
  /** The golden file that contains the lines which are printed; none if there are no lines. */
  readonly note?: string;
}

const withSecret: Fakes = { env: { MONGODB_ATLAS_CLIENT_SECRET: secrets.env } };

function diffOf({ olds, news }: Row, fakes: Fakes = withSecret): DiffResult & { readonly lines: readonly string[] } {
  const context = fakeContext(fakes);
  return { ...diff(id, stateWith(olds), inputsWith(news), context), lines: context.lines };
}

const adopted = { existingToken: "fake-adopted-token" };
const issuedAt = time(-HOUR);
const due = { issuedAt, expiresAt: time(5 * MINUTE) };

describe("diff", () => {
  const rows: readonly Row[] = [
    { description: "finds nothing if nothing changed" },
    { description: "ignores the serialized provider", olds: { __provider: "old" }, news: { __provider: "new" } },
    { description: "ignores the name, which an alias changes", news: { name: "renamed" } },
    {
      description: "ignores the order of keepers",
      olds: { keepers: { a: 1, b: 2 } },
      news: { keepers: { b: 2, a: 1 } },
    },
    { description: "takes empty keepers for none", olds: { keepers: {} } },
    { description: "takes null for an absent argument", news: { keepers: null, existingToken: null } },

    { description: "replaces for another clientId", news: { clientId: "mdb_sa_id_other" }, replaces: ["clientId"] },
    { description: "replaces for another baseUrl", news: { baseUrl: "https://other.example" }, replaces: ["baseUrl"] },
    { description: "replaces for new keepers", news: { keepers: { a: 1 } }, replaces: ["keepers"] },
    {
      description: "replaces for a change deep within keepers",
      olds: { keepers: { a: { b: [1, 2] } } },
      news: { keepers: { a: { b: [2, 1] } } },
      replaces: ["keepers"],
    },
    {
      description: "replaces for a keeper that is not known yet",
      news: { keepers: { a: UNKNOWN } },
      replaces: ["keepers"],
    },
    { description: "replaces an issued token to adopt another one", news: adopted, replaces: ["existingToken"] },
    {
      description: "replaces an adopted token to issue one",
      olds: adopted,
      replaces: ["existingToken"],
    },
    {
      description: "names each change",
      news: { clientId: "mdb_sa_id_other", keepers: { a: 1 }, renewBefore: "20m" },
      changed: ["clientId", "renewBefore", "keepers"],
      replaces: ["clientId", "keepers"],
    },

    {
      description: "updates in place for another clientSecret",
      olds: { clientSecret: "old-secret" },
      news: { clientSecret: "new-secret" },
      changed: ["clientSecret"],
      note: "clientSecret-changed",
    },
    { description: "updates in place for a new clientSecret", news: { clientSecret: "s" }, changed: ["clientSecret"] },
    {
      description: "updates in place for a clientSecret that is not known yet",
      olds: { clientSecret: "old-secret" },
      news: { clientSecret: UNKNOWN },
      changed: ["clientSecret"],
    },
    { description: "updates in place for another renewBefore", news: { renewBefore: "5m" }, changed: ["renewBefore"] },
    {
      description: "keeps a due token if renewBefore becomes never",
      olds: { expiresAt: time(-HOUR) },
      news: { renewBefore: "never" },
      changed: ["renewBefore"],
    },
    {
      description: "keeps a due token if renewBefore is not known yet",
      olds: due,
      news: { renewBefore: UNKNOWN },
      changed: ["renewBefore"],
    },

    {
      description: "replaces a token within renewBefore",
      olds: due,
      replaces: ["expiresAt"],
      changed: [],
      note: "within-renewBefore",
    },
    {
      description: "replaces a token that has exactly renewBefore left",
      olds: { issuedAt, expiresAt: time(10 * MINUTE) },
      replaces: ["expiresAt"],
      changed: [],
      note: "exactly-renewBefore",
    },
    {
      description: "keeps a token that has a second more left",
      olds: { issuedAt, expiresAt: time(10 * MINUTE + 1000) },
    },
    {
      description: "replaces an expired token",
      olds: { expiresAt: time(-HOUR), issuedAt: time(-2 * HOUR) },
      replaces: ["expiresAt"],
      changed: [],
      note: "expired",
    },
    {
      description: "replaces a token that expires now if renewBefore is 0s",
      olds: { expiresAt: time(0), issuedAt: time(-HOUR), renewBefore: "0s" },
      news: { renewBefore: "0s" },
      replaces: ["expiresAt"],
      changed: [],
      note: "expires-now",
    },
    {
      description: "keeps a token that has a second left if renewBefore is 0s",
      olds: { expiresAt: time(1000), renewBefore: "0s" },
      news: { renewBefore: "0s" },
    },
    {
      description: "judges by the new renewBefore",
      olds: { issuedAt, expiresAt: time(15 * MINUTE) },
      news: { renewBefore: "20m" },
      changed: ["renewBefore"],
      replaces: ["expiresAt"],
      note: "within-new-renewBefore",
    },
    {
      description: "keeps an expired token with renewBefore never",
      olds: { expiresAt: time(-HOUR), renewBefore: "never" },
      news: { renewBefore: "never" },
    },
    {
      description: "replaces a token without a valid expiry",
      olds: { expiresAt: "soon" },
      replaces: ["expiresAt"],
      changed: [],
      note: "no-expiresAt",
    },
    {
      description: "keeps a token whose lifetime does not exceed renewBefore until it expires",
      olds: { issuedAt: time(0), expiresAt: time(10 * MINUTE) },
      note: "short-lived",
    },
    {
      description: "replaces such a token once it has expired",
      olds: { issuedAt: time(-11 * MINUTE), expiresAt: time(-MINUTE) },
      replaces: ["expiresAt"],
      changed: [],
      note: "short-lived-expired",
    },
    {
      description: "adds the due expiry to a change of an argument",
      olds: due,
      news: { keepers: { a: 1 } },
      changed: ["keepers"],
      replaces: ["keepers", "expiresAt"],
      note: "within-renewBefore",
    },

    {
      description: "replaces an incomplete token",
      olds: { incomplete: true },
      replaces: ["accessToken"],
      changed: [],
      note: "incomplete",
    },
    {
      description: "replaces an incomplete token with renewBefore never, and says nothing of its expiry",
      olds: { incomplete: true, expiresAt: time(-HOUR), renewBefore: "never" },
      news: { renewBefore: "never" },
      replaces: ["accessToken"],
      changed: [],
      note: "incomplete",
    },
    { description: "takes nothing but true for the mark of an incomplete token", olds: { incomplete: "true" } },

    { description: "keeps an adopted token", olds: adopted, news: adopted },
    {
      description: "updates an adopted token in place for what replaces an issued one",
      olds: adopted,
      news: { ...adopted, clientId: "mdb_sa_id_other", baseUrl: "https://other.example", keepers: { a: 1 } },
      changed: ["clientId", "baseUrl", "keepers"],
    },
    {
      description: "replaces an adopted token by another one",
      olds: adopted,
      news: { existingToken: "another-token" },
      replaces: ["existingToken"],
      note: "existingToken-changed",
    },
    {
      description: "does not renew an adopted token",
      olds: { ...adopted, ...due },
      news: adopted,
      note: "adopted-due",
    },
    {
      description: "does not say so if another token takes its place",
      olds: { ...adopted, ...due },
      news: { existingToken: "another-token" },
      replaces: ["existingToken"],
      note: "existingToken-changed",
    },
    {
      description: "keeps an adopted token without an expiry",
      olds: { ...adopted, expiresAt: undefined },
      news: adopted,
    },
    {
      description: "says nothing of a short lifetime of an adopted token",
      olds: { ...adopted, expiresAt: time(5 * MINUTE), issuedAt: time(0) },
      news: adopted,
    },
  ];
  for (const row of rows) {
    it(row.description, () => {
      const { lines, ...result } = diffOf(row);
      const changed = row.changed ?? row.replaces ?? [];
      const replaces = row.replaces ?? [];
      assert.deepEqual(result, { changes: changed.length + replaces.length > 0, changed, replaces });
      if (row.note === undefined) assert.deepEqual(lines, []);
      else golden(`resource/diff-${row.note}.txt`, lines.join("\n"));
    });
  }

  const moved: Row = { description: "", news: { clientId: "mdb_sa_id_other", clientSecret: "new-secret" } };
  it("says that the old token cannot be revoked if no client secret is configured for its client ID", () => {
    const { lines } = diffOf(moved, {
      env: { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_other", MONGODB_ATLAS_CLIENT_SECRET: "s" },
    });
    golden("resource/diff-clientId-without-secret.txt", lines.join("\n"));
  });
  it("does not say so if a client secret is configured for its client ID", () => {
    assert.deepEqual(diffOf(moved).lines, []);
    assert.deepEqual(diffOf({ ...moved, olds: { clientSecret: "old-secret" } }, {}).lines, []);
  });

  it("decides without an error, whatever the state and the program contain", () => {
    fc.assert(
      fc.property(anyProperties, anyProperties, (olds, news) => {
        const { changes, changed, replaces } = diffOf({ description: "", olds, news });
        assert.equal(changes, changed.length > 0 || replaces.length > 0);
      }),
    );
  });
});

describe("diff after a read", () => {
  const dueState = stateWith(due);

  function refresh(env: Readonly<Record<string, string>> = {}): readonly (readonly string[])[] {
    const context = fakeContext({ runState: new RunState(), env });
    assert.deepEqual(read(id, dueState, context), { id, props: dueState });
    return [0, 1].map(() => diff(id, dueState, inputsWith(), context).replaces);
  }

  it("takes no due token for drift, and the next comparison replaces it", () => {
    assert.deepEqual(refresh(), [[], ["expiresAt"]]);
  });

  for (const value of ["1", "true", "TRUE"]) {
    it(`replaces it at once if PULUMI_ENABLE_LEGACY_REFRESH_DIFF is ${value}`, () => {
      assert.deepEqual(refresh({ PULUMI_ENABLE_LEGACY_REFRESH_DIFF: value })[0], ["expiresAt"]);
    });
  }

  it("compares as a refresh with any other value of that variable, as Pulumi does", () => {
    assert.deepEqual(refresh({ PULUMI_ENABLE_LEGACY_REFRESH_DIFF: "false" })[0], []);
  });

  it("of another resource replaces a due token", () => {
    const context = fakeContext();
    read("other-0a1b2c3d", dueState, context);
    assert.deepEqual(diff(id, dueState, inputsWith(), context).replaces, ["expiresAt"]);
  });

  it("still sees changed arguments", () => {
    const context = fakeContext();
    read(id, dueState, context);
    assert.deepEqual(diff(id, dueState, inputsWith({ keepers: { a: 1 } }), context).replaces, ["keepers"]);
  });
});
