import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../../examples/local-atlas";
import type { FailureOptions, Hook, LocalAtlas, LogEntry } from "../../../examples/local-atlas";
import { readAccount } from "../../../examples/verify-atlas/account";
import { exitCodeOf, formatResult, formatSummary, toJson } from "../../../examples/verify-atlas/report";
import { verify } from "../../../examples/verify-atlas/verify";
import { environmentFor } from "../../support/environment-for";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, killWithEverySignal, startScript } from "./child";

describe("verify:atlas", () => {
  let atlas: LocalAtlas;
  let before: Hook;
  beforeEach(async () => {
    before = () => undefined;
    atlas = await startLocalAtlas({
      before: (entry) => (entry.endpoint === "status" ? undefined : before({ ...entry, sequence: oauthLog().length })),
    });
  });
  /** The requests to the two OAuth endpoints. */
  const oauthLog = (): LogEntry[] => atlas.log().filter(({ endpoint }) => endpoint !== "status");
  afterEach(() => atlas.close());

  async function run(clientSecret = defaultClientSecret) {
    let table = "";
    const account = { origin: atlas.url, clientId: defaultClientId, clientSecret };
    const { signal } = new AbortController();
    const verification = await verify(account, signal, (result) => (table += formatResult(result, 0)));
    const report = toJson(verification, atlas.url);
    for (const secret of [defaultClientSecret, defaultClientId, ...atlas.tokens().map(({ token }) => token)]) {
      assert.ok(!(table + report).includes(secret));
    }
    const { results, token } = verification;
    const [requests, code] = [results.length, exitCodeOf(verification)];
    return { table, report, summary: formatSummary(verification), requests, token, code };
  }

  /** Replaces the response to a request to the two OAuth endpoints, with 1 for the first one. */
  function deviate(at: number, status: number, options?: FailureOptions): void {
    before = ({ sequence, endpoint }) => {
      if (sequence === at) atlas.failNext(endpoint, status, options);
    };
  }

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);

  it("finds no difference at Local Atlas, in ten requests of which one has a wrong secret", async () => {
    const { table, report, summary, requests, token, code } = await run();
    assert.deepEqual([requests, token, code, active()], [10, "revoked", 0, [false]]);
    assert.match(summary, /^\d\d as documented, 0 different \(!\), \d undocumented \(\?\)\n$/);
    assert.equal(oauthLog().filter(({ status }) => status === 401).length, 1);
    assert.match(table, /^ {4}status {20}200 {39}200$/m);
    assert.match(table, / a JWT +\(a JWT of \d+ characters; claims sub, jti, iat, exp, exp - iat = 3600 s\)$/m);
    assert.match(report, /"token": "revoked"/);
  });

  const deviations: [at: number, status: number, options: FailureOptions, line: string][] = [
    [1, 200, { body: '{"access_token":"x"}' }, "! body: expires_in 3600 missing"],
    [2, 400, {}, "! body: error invalid_client invalid_request"],
    [2, 401, { headers: { "content-type": "text/html" } }, "! content-type application/json… text/html"],
    [3, 400, { body: { error: 400 } }, "! body: error invalid_request 400"],
    [4, 400, { body: '{"error":"invalid_request"}' }, "! body indented one line"],
    [5, 200, { body: '{"status":200}' }, "! body: status 400 200"],
    [6, 200, { body: "<html>Log in</html>" }, "! body none <html>Log in</html>"],
    // The revocation had no effect.
    [6, 200, {}, "! status 401 (assumed) 200"],
    [7, 400, {}, "! status 200 (RFC 7009) 400"],
    [8, 302, { headers: { location: "/login" } }, "? location /login"],
    [8, 429, { retryAfter: 42 }, "? retry-after 42"],
  ];
  for (const [at, status, options, line] of deviations) {
    it(`shows "${line}"`, async () => {
      deviate(at, status, options);
      const { table, report, code } = await run();
      assert.ok(table.replaceAll(/ +/g, " ").includes(`\n ${line}\n`), table);
      assert.match(report, /"verdict": "different"/);
      assert.equal(code, 1);
    });
  }

  it("stops after the first request if no token is received, and shows the error code", async () => {
    const refused = await run("a-wrong-secret");
    assert.match(refused.table, /^ {2}! status +200 +401$/m);
    await atlas.close();
    const unreachable = await run();
    assert.match(unreachable.table, /^ {2}! status +200 +no response \(ECONNREFUSED\)$/m);
    for (const { summary, requests, code } of [refused, unreachable]) {
      assert.match(summary, /\nNo token was received, so nothing else was verified\.\n$/);
      assert.deepEqual([requests, code], [1, 2]);
    }
  });

  it("removes a text that contains a part of a secret or a token", async () => {
    const part = defaultClientSecret.slice(3, 16);
    const pair = Buffer.from(`${defaultClientId}:${defaultClientSecret}`).toString("base64");
    before = ({ sequence, endpoint }) => {
      const { token = "" } = atlas.tokens()[0] ?? {};
      if (sequence === 2) atlas.failNext(endpoint, 401, { body: { error: part, account: defaultClientId } });
      if (sequence === 7) atlas.failNext(endpoint, 401, { body: { sent: token.slice(50, 70), by: `Basic ${pair}` } });
      if (sequence === 8) atlas.failNext(endpoint, 400, { headers: { location: `/?${token}`, server: token } });
    };
    const { table, report } = await run();
    assert.equal(table.match(/\(removed, contains a part of a secret\)/g)?.length, 4);
    for (const text of [part, pair, atlas.tokens()[0]!.token.slice(50, 70)])
      assert.ok(!(table + report).includes(text));
  });

  for (const [failing, token, summary] of [
    [2, "revoked", /\(\?\)\n$/],
    [4, "active", /\nRevoking the token failed\. It is active until it expires, within an hour\.\n$/],
  ] as const) {
    it(`makes ten requests at most if revoking the token fails ${failing} times`, async () => {
      deviate(6, 503, { times: failing, retryAfter: 0 });
      const ended = await run();
      assert.deepEqual([ended.requests, ended.token, active()], [10, token, [token === "active"]]);
      assert.match(ended.summary, summary);
    });
  }

  it("refuses variables that are missing, swapped or invalid", () => {
    const env = environmentFor(atlas);
    const rows: [changes: Record<string, string>, message: RegExp][] = [
      [{ MONGODB_ATLAS_CLIENT_ID: " " }, /^set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET$/],
      [{ MONGODB_ATLAS_CLIENT_ID: "mdb_sa_sk_x" }, /^MONGODB_ATLAS_CLIENT_ID and .* are swapped$/],
      [{ MONGODB_ATLAS_BASE_URL: "http://example.com" }, /^MONGODB_ATLAS_BASE_URL must use https \(http is allowed/],
    ];
    for (const [changes, message] of rows) assert.throws(() => readAccount({ ...env, ...changes }), { message });
  });

  it("as a script, revokes the token after any signal, even if nobody reads its output", async () => {
    const folder = await makeTempDir();
    const file = join(folder, "report.json");
    const script = examplePath("verify-atlas", "main.ts");
    const { child, ended } = startScript(script, ["--report", file], environmentFor(atlas));
    before = ({ sequence }) => {
      if (sequence === 1) killWithEverySignal(child);
    };
    child.stdout!.destroy();
    const { code, err } = await ended;
    assert.deepEqual({ code, err, active: active() }, { code: 0, err: "", active: [false] });
    assert.match(readFileSync(file, "utf8"), /"token": "revoked"/);
    assert.ok(oauthLog().length < 8, "it went on after the signals");
    await removeTempDir(folder);
  });
});
