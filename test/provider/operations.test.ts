import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { Fixture, FORMS, secret, type Properties } from "./support/fixture";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const HOUR = 3_600_000;
const [ADD, ADD_REPLACE, DELETE, UPDATE, UPDATE_REPLACE] = [0, 1, 2, 4, 5];

const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

interface DiffRow {
  readonly title: string;
  /** Arguments that the token was created with, and those of the program now. */
  readonly before?: Properties;
  readonly now?: Properties;
  /** What else the state holds. */
  readonly state?: () => Properties;
  readonly replaces?: readonly string[];
  /** The kind of each change that the packaged form tells; empty if nothing changes. */
  readonly detailed: Readonly<Record<string, number | undefined>>;
  /** What the preview says. */
  readonly says?: RegExp;
}

const diffs: readonly DiffRow[] = [
  { title: "nothing", detailed: {} },
  { title: "another renewBefore", now: { renewBefore: "5m" }, detailed: { renewBefore: UPDATE } },
  { title: "a client secret", now: { clientSecret: "a-fake-secret" }, detailed: { clientSecret: ADD } },
  { title: "no client secret any more", before: { clientSecret: "old" }, detailed: { clientSecret: DELETE } },
  {
    title: "another client secret",
    before: { clientSecret: "old" },
    now: { clientSecret: "new" },
    detailed: { clientSecret: UPDATE },
    says: /clientSecret/,
  },
  { title: "keepers", now: { keepers: { a: 1 } }, replaces: ["keepers"], detailed: { keepers: ADD_REPLACE } },
  {
    title: "another client ID",
    now: { clientId: "another", clientSecret: "fake" },
    replaces: ["clientId"],
    detailed: { clientId: UPDATE_REPLACE, clientSecret: ADD },
  },
  {
    title: "another base URL",
    now: { baseUrl: "https://example.com" },
    replaces: ["baseUrl"],
    detailed: { baseUrl: UPDATE_REPLACE },
  },
  {
    title: "an existing token",
    now: { existingToken: "a-fake-token" },
    replaces: ["existingToken"],
    detailed: { existingToken: ADD_REPLACE },
  },
  {
    title: "a token that will soon expire",
    state: () => ({ issuedAt: ago(HOUR - 5 * 60_000), expiresAt: ago(-5 * 60_000) }),
    replaces: ["expiresAt"],
    detailed: { expiresAt: UPDATE_REPLACE },
    says: /within renewBefore/,
  },
  {
    title: "a token that has expired",
    state: () => ({ expiresAt: ago(HOUR) }),
    replaces: ["expiresAt"],
    detailed: { expiresAt: UPDATE_REPLACE },
    says: /expired/,
  },
  {
    title: "a token whose lifetime does not exceed renewBefore",
    state: () => ({ issuedAt: ago(60_000), expiresAt: ago(-60_000) }),
    detailed: {},
    says: /renewBefore/,
  },
  {
    title: "an expiry that cannot be read",
    state: () => ({ expiresAt: "soon" }),
    replaces: ["expiresAt"],
    detailed: { expiresAt: UPDATE_REPLACE },
    says: /expiresAt|expiry/,
  },
  {
    title: "a token that cannot be used",
    state: () => ({ incomplete: true }),
    replaces: ["accessToken"],
    detailed: { accessToken: UPDATE_REPLACE },
    says: /cannot be used/,
  },
];

for (const form of FORMS) {
  describe(`the ${form} provider`, function () {
    this.timeout(30_000);
    const fixture = new Fixture(form);

    it("issues a token, keeps its times and revokes it", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci", { keepers: { release: "1" } });
      const { accessToken, issuedAt, expiresAt, ...outs } = token.outs;
      assert.match(token.id, /^ci-[0-9a-f]{8}$/);
      assert.ok(fixture.atlas.isActive(String(accessToken)));
      assert.equal(Date.parse(String(expiresAt)) - Date.parse(String(issuedAt)), HOUR);
      const { url: baseUrl } = fixture.atlas;
      const inputs = { baseUrl, clientId: defaultClientId, renewBefore: "10m", keepers: { release: "1" } };
      assert.deepEqual(token.inputs, inputs);
      assert.deepEqual(outs, { ...inputs, tokenType: "Bearer" });
      await provider.delete(token);
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
      assert.equal(fixture.active, 0);
    });

    it("adopts a token without a request and revokes it", async () => {
      const provider = await fixture.start();
      const { outs } = await provider.create("elsewhere");
      const token = await provider.create("ci", { existingToken: outs["accessToken"] });
      assert.equal(token.outs["accessToken"], outs["accessToken"]);
      await provider.delete(token);
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
    });

    it("compares a token with the program as documented", async () => {
      const provider = await fixture.start();
      const { logged } = provider;
      for (const [index, { title, before = {}, now = {}, state, replaces = [], detailed }] of diffs.entries()) {
        const id = `row-${index}.`;
        const inputs = await provider.inputs(id, before);
        const times = { issuedAt: ago(60_000), expiresAt: ago(-HOUR) };
        const outs = { ...inputs, accessToken: "a-fake-token", ...times, ...state?.() };
        const result = await provider.diff({ name: id, id, inputs, outs }, await provider.inputs(id, now));
        assert.equal(result.changes, Object.keys(detailed).length > 0, title);
        assert.deepEqual(result.replaces, replaces, title);
        if (form === "packaged") assert.deepEqual(result.detailed, detailed, title);
      }
      const shown = await provider.shown();
      for (const [index, { title, says }] of diffs.entries()) {
        const id = `row-${index}.`;
        const lines = shown.split("\n").filter((line) => line.includes(id));
        if (says === undefined) assert.deepEqual(lines, [], title);
        else assert.match(lines.join("\n"), says, title);
        if (form === "packaged")
          assert.deepEqual(
            logged.filter(({ urn }) => urn === provider.urn(id)).map(({ message }) => message),
            lines,
          );
      }
      assert.deepEqual(fixture.requests, []);
    });

    it("updates in place without a request, and keeps the token", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci", { clientSecret: defaultClientSecret });
      const { clientSecret, ...outs } = token.outs;
      const inputs = { ...(await provider.inputs("ci")), renewBefore: "5m" };
      assert.deepEqual(await provider.update(token, inputs), { ...outs, renewBefore: "5m" });
      assert.deepEqual(fixture.requests, ["issue 200"]);
    });

    it("reads what the state holds, and takes no due token for drift", async () => {
      const provider = await fixture.start();
      const token = await provider.create("ci");
      const due = { ...token, outs: { ...token.outs, expiresAt: ago(60_000) } };
      assert.deepEqual(await provider.read(due), due.outs);
      assert.equal((await provider.diff(due, token.inputs)).changes, false);
      assert.deepEqual((await provider.diff(due, token.inputs)).replaces, ["expiresAt"]);
    });

    it("refuses wrong arguments by name, and shows no value that may be secret", async () => {
      const provider = await fixture.start();
      const wrong = { clientSecrt: "planted", clientSecret: 17, existingToken: ["planted"], renewBefore: "2h" };
      const { failures } = await provider.check("ci", wrong);
      const told = failures.map(({ property, reason }) => `${property} ${reason}`);
      assert.equal(told.length, 4);
      for (const name of Object.keys(wrong))
        assert.ok(
          told.some((text) => text.includes(name)),
          name,
        );
      assert.ok(!JSON.stringify(failures).includes("planted"));
    });

    it("lets unknown values of a preview pass", async () => {
      const provider = await fixture.start();
      const args = { clientId: UNKNOWN, clientSecret: UNKNOWN, keepers: UNKNOWN, existingToken: UNKNOWN };
      const { inputs, failures } = await provider.check("ci", args);
      assert.deepEqual(failures, []);
      assert.deepEqual(inputs, { ...args, baseUrl: fixture.atlas.url, renewBefore: "10m" });
    });

    it("takes its configuration before the environment, and names its keys in messages", async () => {
      const clientId = defaultClientId;
      const clientSecret = form === "packaged" ? secret(defaultClientSecret) : defaultClientSecret;
      const env = { MONGODB_ATLAS_CLIENT_ID: "another", MONGODB_ATLAS_CLIENT_SECRET: "wrong" };
      const provider = await fixture.start(env, { clientId, clientSecret });
      const token = await provider.create("ci");
      assert.equal(token.outs["clientId"], clientId);
      await provider.delete(token);
      assert.equal(fixture.active, 0);

      const government = await fixture.start({ MONGODB_ATLAS_BASE_URL: "" }, { isMongodbgovCloud: "true" });
      assert.equal((await government.inputs("ci"))["baseUrl"], "https://cloud.mongodbgov.com");

      const none = await fixture.start({ MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "" });
      const { failures } = await none.check("ci", {});
      assert.match(JSON.stringify(failures), form === "packaged" ? /atlas-token:clientId/ : /mongodbatlas:clientId/);
    });
  });
}
