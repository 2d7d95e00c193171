import assert from "node:assert/strict";

import fc from "fast-check";

import { diff, type DiffResult } from "../../../provider/operations/diff";
import { UNKNOWN } from "../../../provider/operations/arguments";
import { read } from "../../../provider/operations/read";
import type { Properties } from "../../../provider/operations/record";
import { golden } from "../../support/golden";
import { anyProperties, fakeContext, HOUR, id, inputsWith, MINUTE, secrets, stateWith, time, type Fakes } from "./fake";

interface Row {
  readonly description: string;
  readonly olds?: Properties;
  readonly news?: Properties;
  readonly replaces?: readonly string[];
  /** The arguments that differ; by default those of them that replace the token. */
  readonly changed?: readonly string[];
  /** The golden file that contains the lines which are printed; none if there are no lines. */
  readonly note?: string;
}

const withSecret: Fakes = { env: { MONGODB_ATLAS_CLIENT_SECRET: secrets.env } };

function diffOf(
  { olds, news }: Pick<Row, "olds" | "news">,
  fakes: Fakes = withSecret,
): DiffResult & { readonly lines: readonly string[] } {
  const context = fakeContext(fakes);
  return { ...diff(id, stateWith(olds), inputsWith(news), context), lines: context.lines };
}

const adopted = { existingToken: "fake-adopted-token" };
/** The times of a token that was issued an hour ago. */
const expiresIn = (left: number): Properties => ({ issuedAt: time(-HOUR), expiresAt: time(left) });
const due = expiresIn(5 * MINUTE);
const never = { renewBefore: "never" };
const otherClientId = { clientId: "mdb_sa_id_other" };
const otherKeepers = { keepers: { a: 1 } };

const unchanged: readonly Row[] = [
  { description: "nothing changed" },
  { description: "another serialized provider", olds: { __provider: "old" }, news: { __provider: "new" } },
  { description: "another name, which an alias makes", news: { name: "renamed" } },
  { description: "another order of keepers", olds: { keepers: { a: 1, b: 2 } }, news: { keepers: { b: 2, a: 1 } } },
  { description: "no keepers instead of empty ones", olds: { keepers: {} } },
  { description: "null instead of no argument", news: { keepers: null, existingToken: null } },
  { description: "a token that has a second more left", olds: expiresIn(10 * MINUTE + 1000) },
  {
    description: "a token that has a second left if renewBefore is 0s",
    olds: { expiresAt: time(1000), renewBefore: "0s" },
    news: { renewBefore: "0s" },
  },
  { description: "an expired token with renewBefore never", olds: { expiresAt: time(-HOUR), ...never }, news: never },
  {
    description: "a token whose lifetime does not exceed renewBefore until it expires",
    olds: { issuedAt: time(0), expiresAt: time(10 * MINUTE) },
    note: "short-lived",
  },
  { description: "a token whose mark of an incomplete one is not true", olds: { incomplete: "true" } },
  { description: "an adopted token", olds: adopted, news: adopted },
  { description: "an adopted token that is due", olds: { ...adopted, ...due }, news: adopted, note: "adopted-due" },
  { description: "an adopted token without an expiry", olds: { ...adopted, expiresAt: undefined }, news: adopted },
  {
    description: "an adopted token of a short lifetime, about which it says nothing",
    olds: { ...adopted, expiresAt: time(5 * MINUTE), issuedAt: time(0) },
    news: adopted,
  },
];

/** What belongs to an adopted token, which only another existingToken changes. */
const kept: readonly Row[] = [
  {
    description: "another baseUrl",
    olds: adopted,
    news: { ...adopted, baseUrl: "https://other.example" },
    note: "adopted-baseUrl",
  },
  {
    description: "another clientId with its client secret",
    olds: { ...adopted, clientSecret: "old-secret" },
    news: { ...adopted, ...otherClientId, clientSecret: "new-secret" },
    note: "adopted-clientId",
  },
  {
    description: "another baseUrl, once the token has expired",
    olds: { ...adopted, ...never, expiresAt: time(-HOUR) },
    news: { ...adopted, ...never, baseUrl: "https://other.example" },
  },
  { description: "a baseUrl that is not known yet", olds: adopted, news: { ...adopted, baseUrl: UNKNOWN } },
];

const updated: readonly Row[] = [
  {
    description: "another clientSecret",
    olds: { clientSecret: "old-secret" },
    news: { clientSecret: "new-secret" },
    changed: ["clientSecret"],
    note: "clientSecret-changed",
  },
  { description: "a new clientSecret", news: { clientSecret: "s" }, changed: ["clientSecret"] },
  {
    description: "a clientSecret that is not known yet",
    olds: { clientSecret: "old-secret" },
    news: { clientSecret: UNKNOWN },
    changed: ["clientSecret"],
  },
  { description: "another renewBefore", news: { renewBefore: "5m" }, changed: ["renewBefore"] },
  {
    description: "the renewBefore never, though the token has expired",
    olds: { expiresAt: time(-HOUR) },
    news: never,
    changed: ["renewBefore"],
  },
  {
    description: "a renewBefore that is not known yet, though the token is due",
    olds: due,
    news: { renewBefore: UNKNOWN },
    changed: ["renewBefore"],
  },
  {
    description: "keepers of an adopted token",
    olds: adopted,
    news: { ...adopted, ...otherKeepers },
    changed: ["keepers"],
  },
  {
    description: "a rotated client secret of an adopted token whose baseUrl stays",
    olds: { ...adopted, clientSecret: "old-secret" },
    news: { ...adopted, clientSecret: "new-secret", baseUrl: "https://other.example" },
    changed: ["clientSecret"],
    note: "adopted-baseUrl-clientSecret",
  },
];

const replaced: readonly Row[] = [
  { description: "another clientId", news: otherClientId, replaces: ["clientId"] },
  { description: "another baseUrl", news: { baseUrl: "https://other.example" }, replaces: ["baseUrl"] },
  { description: "new keepers", news: otherKeepers, replaces: ["keepers"] },
  {
    description: "a change deep within keepers",
    olds: { keepers: { a: { b: [1, 2] } } },
    news: { keepers: { a: { b: [2, 1] } } },
    replaces: ["keepers"],
  },
  { description: "a keeper that is not known yet", news: { keepers: { a: UNKNOWN } }, replaces: ["keepers"] },
  { description: "a token to adopt", news: adopted, replaces: ["existingToken"] },
  { description: "an adopted token that is no longer given", olds: adopted, replaces: ["existingToken"] },
  {
    description: "another token to adopt",
    olds: adopted,
    news: { existingToken: "another-token" },
    replaces: ["existingToken"],
    note: "existingToken-changed",
  },
  {
    description: "another token to adopt, without a word about the old one, which is due",
    olds: { ...adopted, ...due },
    news: { existingToken: "another-token" },
    replaces: ["existingToken"],
    note: "existingToken-changed",
  },
  {
    description: "another token to adopt, at another baseUrl",
    olds: adopted,
    news: { existingToken: "another-token", baseUrl: "https://other.example" },
    replaces: ["baseUrl", "existingToken"],
  },
  {
    description: "each of several changes",
    news: { ...otherClientId, ...otherKeepers, renewBefore: "20m" },
    changed: ["clientId", "renewBefore", "keepers"],
    replaces: ["clientId", "keepers"],
  },
  {
    description: "an incomplete token",
    olds: { incomplete: true },
    changed: [],
    replaces: ["accessToken"],
    note: "incomplete",
  },
  {
    description: "an incomplete token with renewBefore never, without a word about its expiry",
    olds: { incomplete: true, expiresAt: time(-HOUR), ...never },
    news: never,
    changed: [],
    replaces: ["accessToken"],
    note: "incomplete",
  },
];

/** Replaced because of their expiry, whatever else replaces them. */
const renewed: readonly Row[] = [
  { description: "a token within renewBefore", olds: due, note: "within-renewBefore" },
  { description: "one that has exactly renewBefore left", olds: expiresIn(10 * MINUTE), note: "exactly-renewBefore" },
  { description: "one that has expired", olds: expiresIn(-HOUR), note: "expired" },
  {
    description: "one that expires now, if renewBefore is 0s",
    olds: { ...expiresIn(0), renewBefore: "0s" },
    news: { renewBefore: "0s" },
    note: "expires-now",
  },
  {
    description: "one within the new renewBefore",
    olds: expiresIn(15 * MINUTE),
    news: { renewBefore: "20m" },
    changed: ["renewBefore"],
    note: "within-new-renewBefore",
  },
  { description: "one without a valid expiry", olds: { expiresAt: "soon" }, note: "no-expiresAt" },
  {
    description: "one whose lifetime does not exceed renewBefore, once it has expired",
    olds: { issuedAt: time(-11 * MINUTE), expiresAt: time(-MINUTE) },
    note: "short-lived-expired",
  },
  {
    description: "one with a changed argument, too",
    olds: due,
    news: otherKeepers,
    replaces: ["keepers"],
    note: "within-renewBefore",
  },
];

describe("diff", () => {
  for (const [what, rows] of Object.entries({
    "changes nothing": unchanged,
    "keeps what an adopted token has": kept,
    "updates in place": updated,
    "replaces the token": replaced,
    "renews the token": renewed,
  })) {
    for (const row of rows) {
      it(`${what}: ${row.description}`, () => {
        const { lines, ...result } = diffOf(row);
        const { replaces = [], changed = replaces } = row;
        const expiry = rows === renewed ? ["expiresAt"] : [];
        assert.deepEqual(result, {
          changes: rows !== unchanged && rows !== kept,
          changed,
          replaces: [...replaces, ...expiry],
        });
        if (row.note === undefined) assert.deepEqual(lines, []);
        else golden(`resource/diff-${row.note}.txt`, lines.join("\n"));
      });
    }
  }

  it("says that the old token cannot be revoked only if no client secret is configured for its client ID", () => {
    const news = { ...otherClientId, clientSecret: "new-secret" };
    const env = { MONGODB_ATLAS_CLIENT_ID: otherClientId.clientId, MONGODB_ATLAS_CLIENT_SECRET: "s" };
    golden("resource/diff-clientId-without-secret.txt", diffOf({ news }, { env }).lines.join("\n"));
    assert.deepEqual(diffOf({ news }).lines, []);
    assert.deepEqual(diffOf({ news, olds: { clientSecret: "old-secret" } }, {}).lines, []);
  });

  it("says so if no client secret is configured for the client ID that an adopted token keeps", () => {
    const row = { olds: adopted, news: { ...adopted, ...otherClientId, clientSecret: "new-secret" } };
    golden("resource/diff-adopted-clientId-without-secret.txt", diffOf(row, {}).lines.join("\n"));
  });

  it("decides without an error, whatever the state and the program contain", () => {
    fc.assert(
      fc.property(anyProperties, anyProperties, (olds, news) => {
        const { changes, changed, replaces } = diffOf({ olds, news });
        assert.equal(changes, changed.length > 0 || replaces.length > 0);
      }),
    );
  });
});

describe("diff after a read", () => {
  const dueState = stateWith(due);

  for (const [value, first] of [
    ["", []],
    ["false", []],
    ["1", ["expiresAt"]],
    ["true", ["expiresAt"]],
    ["TRUE", ["expiresAt"]],
  ] as const) {
    const how = first.length === 0 ? "does not take a due token for drift" : "replaces a due token at once";
    it(`${how} if PULUMI_ENABLE_LEGACY_REFRESH_DIFF is "${value}"`, async () => {
      const context = fakeContext({ env: { PULUMI_ENABLE_LEGACY_REFRESH_DIFF: value } });
      assert.deepEqual(await read(id, dueState, context), { id, props: dueState });
      const compared = [1, 2].map(() => diff(id, dueState, inputsWith(), context).replaces);
      assert.deepEqual(compared, [first, ["expiresAt"]]);
    });
  }

  it("of another resource replaces a due token", async () => {
    const context = fakeContext();
    await read("other-0a1b2c3d", dueState, context);
    assert.deepEqual(diff(id, dueState, inputsWith(), context).replaces, ["expiresAt"]);
  });

  it("still sees changed arguments", async () => {
    const context = fakeContext();
    await read(id, dueState, context);
    assert.deepEqual(diff(id, dueState, inputsWith(otherKeepers), context).replaces, ["keepers"]);
  });
});
