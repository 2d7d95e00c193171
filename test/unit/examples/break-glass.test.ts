import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { issueToken, revokeToken } from "pulumi-atlas-token/oauth";
import { run } from "../../../examples/break-glass/run";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { auditEventSchema } from "../../../provider/runtime/audit-log";
import { environmentFor } from "../../support/environment-for";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, killWithEverySignal, startScript } from "./child";
import { exportOf, plain, stateOf } from "./exported-state";

const account = { clientId: defaultClientId, clientSecret: defaultClientSecret };
const otherAccount = { clientId: "other-client", clientSecret: "other-secret" };
const withSecret = { clientSecret: plain(defaultClientSecret) };

interface Call {
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly color?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the script in this process. */
async function call({ args = [], stdin = "", terminal = false, color = false, env = {} }: Call) {
  const ended = { code: 0, out: "", err: "" };
  ended.code = await run(args, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY: terminal }),
    print: (text) => (ended.out += text),
    log: (line) => (ended.err += `${line}\n`),
    color,
    env,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  return ended;
}

describe("break glass", () => {
  let atlas: LocalAtlas;
  let clock: number;
  beforeEach(async () => {
    clock = 0;
    atlas = await startLocalAtlas({
      clients: { [defaultClientId]: defaultClientSecret, [otherAccount.clientId]: otherAccount.clientSecret },
      now: () => Date.now() + clock,
      requestsPerWindow: 0,
    });
  });
  afterEach(() => atlas.close());

  /** Issues a token and returns it as a state contains it. */
  async function stored(id: string, outputs: object = {}, { clientId, clientSecret } = account): Promise<object> {
    const { accessToken } = await issueToken({ baseUrl: atlas.url, clientId, clientSecret });
    const issued = atlas.tokens().find(({ token }) => token === accessToken)!;
    const expiresAt = issued.expiresAt.toISOString();
    return stateOf(id, { accessToken: plain(accessToken), clientId, baseUrl: atlas.url, expiresAt, ...outputs });
  }

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);
  const revokes = (): number => atlas.log().filter(({ endpoint }) => endpoint === "revoke").length;

  it("revokes every token, leftovers included, with the first secret that Atlas accepts", async () => {
    const rotated = await stored("ci-1", { clientSecret: plain("a-rotated-secret") });
    const leftover = { ...(await stored("ci-22", withSecret)), delete: true };
    const { code, out, err } = await call({ stdin: exportOf(rotated, leftover), env: environmentFor(atlas) });
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.equal(out.match(/^revoked {7}ci-(?:1|22)$/gm)?.length, 2, out);
    assert.deepEqual(active(), [false, false]);
  });

  it("lists in a dry run what it would revoke and where credentials would go, and sends nothing", async () => {
    const elsewhere = { ...withSecret, baseUrl: "https://atlas.example.com" };
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2", elsewhere));
    const { code, out } = await call({ args: ["--dry-run"], stdin });
    assert.equal(code, 0);
    assert.equal(
      out.replaceAll(/\d+ min/g, "60 min"),
      `would revoke  ci-1  expires in 60 min
would revoke  ci-2  expires in 60 min

Credentials would be sent to:
  ${atlas.url}, client ID local-atlas-client: 1 token
  https://atlas.example.com, client ID local-atlas-client: 1 token

2 would revoke
`,
    );
    assert.deepEqual({ active: active(), revokes: revokes() }, { active: [true, true], revokes: 0 });
  });

  it("revokes a token that has expired on this machine's clock, but not on Atlas's", async () => {
    clock = -66 * 60_000;
    const stdin = exportOf(await stored("ci-1", withSecret));
    assert.match((await call({ stdin })).out, /^revoked {7}ci-1\n\n.*pulumi up --replace URN[^]*\n\n1 revoked\n$/s);
    assert.deepEqual(active(), [false]);
  });

  it("sends no request for a token that has expired, and says so if only this machine's clock says it", async () => {
    clock = -66 * 60_000;
    const [old, withoutSecret] = [await stored("ci-1", withSecret), await stored("ci-2")];
    clock = 0;
    // Its response tells the client Atlas's clock.
    const recent = await stored("ci-3", withSecret);
    const confirmed = await call({ stdin: exportOf(old, recent) });
    assert.match(confirmed.out, /^expired {7}ci-1 {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
    assert.match(confirmed.out, /\n\n1 revoked, 1 expired\n$/);
    const { code, out } = await call({ stdin: exportOf(withoutSecret) });
    assert.match(out, /\n\nOnly this machine's clock says that tokens have expired; .*\n\n1 expired\n$/);
    assert.deepEqual([confirmed.code, code, revokes()], [0, 0, 1]);
  });

  it("revokes the other tokens if some fail, explains each problem once, and has colors at a terminal", async () => {
    const stdin = exportOf(
      await stored("theirs-1", {}, otherAccount),
      await stored("theirs-2", {}, otherAccount),
      await stored("ours", withSecret),
    );
    const { code, out } = await call({ stdin, color: true });
    assert.deepEqual({ code, active: active() }, { code: 1, active: [true, true, false] });
    const [red, green, reset] = ["\u001b[31m", "\u001b[32m", "\u001b[0m"];
    assert.equal(
      out.replaceAll(/\d+ min/g, "60 min"),
      `${red}not revoked   ${reset}theirs-1  no client secret, expires in 60 min
${red}not revoked   ${reset}theirs-2  no client secret, expires in 60 min
${green}revoked       ${reset}ours

no client secret is configured for client ID other-client
Next: Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to those of
this service account.

The state still holds the revoked tokens. If the stack lives on, replace each:
pulumi up --replace URN (pulumi stack --show-urns prints the URNs).

${green}1 revoked${reset}, ${red}2 not revoked${reset}
`,
    );
  });

  const both = /^If the service account has an IP access list, add .* token limit, revoke/;
  const failures: [status: number, code: string, description: string, advice: RegExp][] = [
    [400, "invalid_request", "Bad request.", /^Fix the reported problem; retrying unchanged will fail again\./],
    [404, "unexpected_response", "", /^Rerun the same command\./],
    [401, "invalid_client", "Invalid.", /^Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/],
    [403, "access_denied", "IP access list validation failed", /^Add this machine's (?!.*token limit)/],
    [403, "access_denied", "Access Token limit reached.", /^Revoke tokens (?!.*access list)/],
    [403, "access_denied", "Access denied.", both],
  ];
  for (const [status, code, description, advice] of failures) {
    it(`quotes Atlas and says what to do after ${status} ${description}`, async () => {
      atlas.failNext("revoke", status, { body: { error: code, error_description: description } });
      const ended = await call({ stdin: exportOf(await stored("ci-1", withSecret)) });
      assert.equal(ended.code, 1);
      const [line = "", next = ""] = ended.out.replaceAll(/\s+/g, " ").split(" Next: ");
      assert.ok(line.startsWith(`not revoked ci-1 ${code}, expires in `), line);
      assert.ok(line.includes(` the token was not revoked: ${code} (${status})`) && line.includes(description), line);
      assert.match(next, advice);
    });
  }

  it("sends nothing for a modified state without a base URL or with one of plain http", async () => {
    const rows: [baseUrl: string | undefined, line: RegExp][] = [
      [undefined, /^not revoked {3}ci-1 {2}no baseUrl, expiry unknown\n\nbaseUrl is missing from the state/],
      ["http://example.com", /^not revoked {3}ci-1 {2}invalid_argument, /],
    ];
    for (const [baseUrl, line] of rows) {
      const { code, out } = await call({ stdin: exportOf(await stored("ci-1", { ...withSecret, baseUrl })) });
      assert.equal(code, 1);
      assert.match(out, line);
    }
  });

  it("waits for the rate limit of a service account, and says so once", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2", withSecret));
    atlas.failNext("revoke", 429, { times: 2, retryAfter: 0 });
    const { code, err } = await call({ stdin });
    assert.equal(code, 0);
    const { host } = new URL(atlas.url);
    assert.equal(err, `Rate limited by ${host}; retrying in 1 s (client ID local-atlas-client: 2 tokens to revoke)\n`);
    assert.deepEqual(active(), [false, false]);
  });

  const mistakes: [message: string, made: Call][] = [
    ["Unknown option '--dry'; see --help", { args: ["--dry"] }],
    ["only one state can be passed; see --help", { args: ["a", "b"] }],
    ["pass a file or pipe a state in; see --help", { terminal: true }],
    ["reading the state failed (ENOENT)", { args: ["no-such-file"] }],
    ["the state is not valid JSON", { args: ["README.md"] }],
    ["the state is not valid JSON", { args: ["-"], stdin: "error: no stack", terminal: true }],
    ["the state is empty; check whether `pulumi stack export` failed", { stdin: "\n" }],
  ];
  for (const [message, made] of mistakes) {
    it(`exits with 2 for ${JSON.stringify(made)}`, async () => {
      assert.deepEqual(await call(made), { code: 2, out: "", err: `break-glass: ${message}\n` });
    });
  }

  it("prints no secret, no escape code from the state, and no line over 80 columns", async () => {
    const hostile = "\u001b[2J\u202eci\r\n";
    const wrong = "a-wrong-secret";
    atlas.failNext("revoke", 403);
    const stdin = exportOf(
      await stored("a-name-of-usual-length-0a1b2c3d", withSecret),
      await stored("ci-2", { clientSecret: plain(wrong) }),
      await stored(hostile, { ...withSecret, clientId: hostile }),
      await stored("ci-3", {}, otherAccount),
    );
    const { out, err } = await call({ stdin, env: environmentFor(atlas) });
    const printed = out + err + (await call({ args: ["--help"] })).out;
    for (const secret of [defaultClientSecret, wrong, ...atlas.tokens().map(({ token }) => token)]) {
      assert.ok(!printed.includes(secret));
    }
    assert.doesNotMatch(printed.replaceAll("\n", ""), /\p{C}/u);
    for (const line of printed.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("succeeds for a state that contains no tokens", async () => {
    assert.deepEqual(await call({ stdin: exportOf() }), { code: 0, out: "The state contains no tokens.\n", err: "" });
  });

  it("as a script, reports on standard error if nobody reads its output, and after any signal", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2", {}, otherAccount));
    atlas.settings.requestsPerWindow = 1;
    await revokeToken({ baseUrl: atlas.url, ...otherAccount, token: "uses-up-the-limit" });
    const folder = await makeTempDir();
    const file = join(folder, "audit.jsonl");
    const { child, ended } = startScript(examplePath("break-glass", "main.ts"), [], {
      PULUMI_ATLAS_TOKEN_AUDIT_LOG: file,
      MONGODB_ATLAS_CLIENT_SECRET: otherAccount.clientSecret,
    });
    child.stdout!.destroy();
    child.stdin!.end(stdin);
    child.stderr!.on("data", (text) => {
      if (String(text).includes("Rate limited")) killWithEverySignal(child);
    });
    const { code, err } = await ended;
    assert.equal(code, 1);
    assert.match(
      err,
      /^break-glass: cannot write to standard output \(EPIPE\); writing the report to standard error instead\nrevoked/m,
    );
    assert.match(err, /\nnot revoked {3}ci-2 {2}aborted, .*\n[^]*\n1 revoked, 1 not revoked\n$/);
    assert.deepEqual(active(), [false, true]);
    const { event, resourceId } = auditEventSchema.parse(JSON.parse(readFileSync(file, "utf8").split("\n")[0]!));
    assert.deepEqual({ event, resourceId }, { event: "revoked", resourceId: "ci-1" });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await removeTempDir(folder);
  });

  it("as a script, fails if it ends before it has reported", async () => {
    const folder = await makeTempDir();
    const preload = join(folder, "read-nothing.cjs");
    writeFileSync(preload, `require("node:fs/promises").readFile = () => new Promise(() => undefined);`);
    const script = startScript(examplePath("break-glass", "main.ts"), ["state.json"], {
      NODE_OPTIONS: `--require ${JSON.stringify(preload)}`,
    });
    assert.deepEqual(await script.ended, {
      code: 1,
      out: "",
      err: "The script ended before its work was done. Rerun the same command.\n",
    });
    await removeTempDir(folder);
  });
});
