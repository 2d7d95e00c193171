import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { auditEventSchema } from "../../provider/runtime/audit-log";
import { secret, UNKNOWN, type Properties } from "../support/values";
import { makeTempDir, removeTempDir } from "../support/work-dir";
import { Fixture, FORMS, withState } from "./support/fixture";

const HOUR = 3_600_000;
const [ADD, ADD_REPLACE, DELETE, UPDATE, UPDATE_REPLACE] = [0, 1, 2, 4, 5];

const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

interface DiffRow {
  readonly title: string;
  /** Arguments that the token was created with, and those of the program now. */
  readonly before?: Properties;
  readonly now?: Properties;
  /** What else the state holds. */
  readonly state?: Properties;
  readonly replaces?: readonly string[];
  /** The kind of each change that the packaged form tells; empty if nothing changes. */
  readonly detailed: Readonly<Record<string, number | undefined>>;
  /** What the preview says. */
  readonly says?: RegExp;
}

const diffs: readonly DiffRow[] = [
  { title: "nothing", detailed: {} },
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
    title: "a token that has expired",
    state: { expiresAt: ago(HOUR) },
    replaces: ["expiresAt"],
    detailed: { expiresAt: UPDATE_REPLACE },
    says: /expired/,
  },
];

for (const form of FORMS) {
  describe(`the ${form} provider`, function () {
    this.timeout(30_000);
    const fixture = new Fixture(form);

    it("issues a token, keeps its times and revokes it", async () => {
      const provider = await fixture.share();
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

    it("records what it issues and revokes in the audit log", async () => {
      const folder = await makeTempDir();
      try {
        const file = join(folder, "audit.jsonl");
        const provider = await fixture.start({ PULUMI_ATLAS_TOKEN_AUDIT_LOG: file });
        const token = await provider.create("ci");
        await provider.delete(token);
        const lines = readFileSync(file, "utf8").trim().split("\n");
        const events = lines.map((line) => auditEventSchema.parse(JSON.parse(line)));
        const recorded = events.map(({ event, resourceId }) => `${event} ${resourceId}`);
        assert.deepEqual(recorded, [`issued ${token.id}`, `revoked ${token.id}`]);
      } finally {
        await removeTempDir(folder);
      }
    });

    it("adopts a token without a request and revokes it", async () => {
      const provider = await fixture.share();
      const { outs } = await provider.create("elsewhere");
      const token = await provider.create("ci", { existingToken: outs["accessToken"] });
      assert.equal(token.outs["accessToken"], outs["accessToken"]);
      await provider.delete(token);
      assert.deepEqual(fixture.requests, ["issue 200", "revoke 200"]);
    });

    it("compares a token with the program, and shows why it will be replaced", async () => {
      const provider = await fixture.start();
      for (const [index, { title, before = {}, now = {}, state, replaces = [], detailed }] of diffs.entries()) {
        const id = `row-${index}.`;
        const inputs = await provider.inputs(id, before);
        const times = { issuedAt: ago(60_000), expiresAt: ago(-HOUR) };
        const outs = { ...inputs, accessToken: "a-fake-token", ...times, ...state };
        const result = await provider.diff({ name: id, id, inputs, outs }, await provider.inputs(id, now));
        assert.equal(result.changes, Object.keys(detailed).length > 0, title);
        assert.deepEqual(result.replaces, replaces, title);
        if (form !== "packaged") continue;
        assert.deepEqual(result.detailed, detailed, title);
        assert.deepEqual([...result.diffs].sort(), Object.keys(detailed).sort(), title);
      }
      const shown = (await provider.shown()).split("\n");
      for (const [index, { title, says }] of diffs.entries()) {
        const id = `row-${index}.`;
        const lines = shown.filter((line) => line.includes(id));
        if (says === undefined) assert.deepEqual(lines, [], title);
        else assert.match(lines.join("\n"), says, title);
        const logged = fixture.logged.filter(({ urn }) => urn === provider.urn(id)).map(({ message }) => message);
        if (form === "packaged") assert.deepEqual(logged, lines, `${title}: it is shown under the resource`);
      }
      assert.deepEqual(fixture.requests, []);
    });

    it("updates in place without a request, and keeps the token", async () => {
      const provider = await fixture.share();
      const token = await provider.create("ci", { clientSecret: defaultClientSecret });
      const { clientSecret, ...outs } = token.outs;
      const inputs = { ...(await provider.inputs("ci")), renewBefore: "5m" };
      assert.deepEqual(await provider.update(token, inputs), { ...outs, renewBefore: "5m" });
      assert.deepEqual(fixture.requests, ["issue 200"]);
    });

    it("reads what the state holds, and takes no due token for drift", async () => {
      const provider = await fixture.share();
      const token = await provider.create("ci");
      const due = withState(token, { expiresAt: ago(60_000) });
      assert.deepEqual(await provider.read(due), due.outs);
      assert.equal((await provider.diff(due, token.inputs)).changes, false);
      assert.deepEqual((await provider.diff(due, token.inputs)).replaces, ["expiresAt"]);
    });

    it("refuses wrong arguments by name, and shows no value that may be secret", async () => {
      const provider = await fixture.share();
      const wrong = { clientSecrt: "planted", clientSecret: 17, existingToken: ["planted"], renewBefore: "2h" };
      const { failures } = await provider.check("ci", wrong);
      const shown = failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
      assert.equal(failures.length, 4);
      for (const name of Object.keys(wrong)) assert.ok(shown.includes(name), name);
      assert.ok(!shown.includes("planted"));
    });

    it("lets unknown values of a preview pass", async () => {
      const args = { clientId: UNKNOWN, clientSecret: UNKNOWN, keepers: UNKNOWN, existingToken: UNKNOWN };
      const { inputs, failures } = await (await fixture.share()).check("ci", args);
      assert.deepEqual(failures, []);
      assert.deepEqual(inputs, { ...args, baseUrl: fixture.atlas.url, renewBefore: "10m" });
    });

    it("takes its configuration before the environment, and names its keys in messages", async () => {
      const clientId = defaultClientId;
      const clientSecret = form === "packaged" ? secret(defaultClientSecret) : defaultClientSecret;
      const account = { MONGODB_ATLAS_CLIENT_ID: "another", MONGODB_ATLAS_CLIENT_SECRET: "wrong" };
      const config = { clientId, clientSecret, isMongodbgovCloud: "true" };
      const provider = await fixture.share({ ...account, MONGODB_ATLAS_BASE_URL: "" }, config);
      const token = await provider.create("ci", { baseUrl: fixture.atlas.url });
      assert.equal(token.outs["clientId"], clientId);
      await provider.delete(token);
      assert.equal(fixture.active, 0);
      assert.equal((await provider.inputs("ci"))["baseUrl"], "https://cloud.mongodbgov.com");

      const none = await fixture.share({ MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "" });
      const { failures } = await none.check("ci", {});
      assert.match(JSON.stringify(failures), form === "packaged" ? /atlas-token:clientId/ : /mongodbatlas:clientId/);
    });
  });
}
