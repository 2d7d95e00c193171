import assert from "node:assert/strict";
import { openSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { issueToken } from "pulumi-atlas-token/oauth";
import { run } from "../../../examples/break-glass/run";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { auditEventSchema } from "../../../provider/audit-log";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, startScript, type Ended } from "./child";
import { configuration, encrypted, exportOf, plain, resource } from "./exported-state";

const otherAccount = { clientId: "other-client", clientSecret: "other-secret" };
const withSecret = { clientSecret: plain(defaultClientSecret) };
const environment = { MONGODB_ATLAS_CLIENT_ID: defaultClientId, MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret };

interface Call {
  readonly args?: readonly string[];
  readonly stdin?: string | Uint8Array;
  readonly terminal?: boolean;
  readonly color?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly interruption?: AbortController;
}

/** Runs the script in this process; an `interruption` aborts at the first line of progress. */
async function call({ args = [], stdin = "", terminal = false, color = false, env = {}, interruption }: Call) {
  const ended = { code: 0, out: "", err: "" };
  ended.code = await run(args, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY: terminal }),
    print: (text) => (ended.out += text),
    log: (line) => {
      ended.err += `${line}\n`;
      interruption?.abort();
    },
    color,
    env,
    signal: (interruption ?? new AbortController()).signal,
    onEvent: () => undefined,
  });
  return ended;
}

describe("break glass", () => {
  let atlas: LocalAtlas;
  let clock = 0;
  let folder: string;
  beforeEach(async () => {
    clock = 0;
    folder = await makeTempDir();
    atlas = await startLocalAtlas({
      clients: { [defaultClientId]: defaultClientSecret, [otherAccount.clientId]: otherAccount.clientSecret },
      now: () => Date.now() + clock,
      requestsPerWindow: 0,
    });
  });
  afterEach(async () => {
    await atlas.close();
    await removeTempDir(folder);
  });

  /** Issues a token and returns it as a state contains it. */
  async function stored(
    id: string,
    outputs: object = {},
    account = { clientId: defaultClientId, clientSecret: defaultClientSecret },
  ): Promise<object> {
    const { accessToken } = await issueToken({ baseUrl: atlas.url, ...account });
    const issued = atlas.tokens().find(({ token }) => token === accessToken)!;
    const expiresAt = issued.expiresAt.toISOString();
    const { clientId } = account;
    return resource(id, { accessToken: plain(accessToken), clientId, baseUrl: atlas.url, expiresAt, ...outputs });
  }

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);
  const revokes = (): number => atlas.log().filter(({ endpoint }) => endpoint === "revoke").length;

  it("revokes every token, including the one that a failed replacement left behind", async () => {
    const leftover = { ...(await stored("ci-22", withSecret)), delete: true };
    const stdin = exportOf(await stored("ci-1", withSecret), leftover);
    const out = "revoked       ci-1\nrevoked       ci-22\n\n2 revoked\n";
    assert.deepEqual(await call({ stdin }), { code: 0, out, err: "" });
    assert.deepEqual(active(), [false, false]);
  });

  it("reads UTF-8 and UTF-16 from a file, and standard input for no argument and for -", async () => {
    const text = exportOf(await stored("ci-1", withSecret));
    const utf16 = Buffer.from(text, "utf16le");
    const [le, be] = [Buffer.from(utf16), Buffer.from(utf16).swap16()];
    const files = [text, `\ufeff${text}`, le, be, Buffer.concat([Buffer.from([0xff, 0xfe]), le])];
    files.push(Buffer.concat([Buffer.from([0xfe, 0xff]), be]));
    for (const content of files) {
      const file = join(folder, "state.json");
      await writeFile(file, content);
      assert.match((await call({ args: ["--dry-run", file], terminal: true })).out, /1 would revoke\n$/);
    }
    for (const args of [["--dry-run"], ["--dry-run", "-"]]) {
      assert.match((await call({ args, stdin: text })).out, /1 would revoke\n$/);
    }
  });

  it("lists in a dry run what it would revoke and where credentials would go, and sends nothing", async () => {
    const elsewhere = { ...withSecret, baseUrl: "https://atlas.example.com" };
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2", elsewhere), await stored("ci-3"));
    const { code, out } = await call({ args: ["--dry-run"], stdin });
    assert.equal(code, 1);
    assert.equal(
      out.replaceAll(/\d+ min/g, "60 min"),
      `would revoke  ci-1  expires in 60 min
would revoke  ci-2  expires in 60 min
not revoked   ci-3  no client secret, expires in 60 min

no client secret is configured for client ID local-atlas-client
Next: Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to those of
this service account.

Credentials would be sent to:
  ${atlas.url}, client ID local-atlas-client: 1 token
  https://atlas.example.com, client ID local-atlas-client: 1 token

2 would revoke, 1 not revoked
`,
    );
    assert.deepEqual({ active: active(), revokes: revokes() }, { active: [true, true, true], revokes: 0 });
  });

  it("revokes a token that has expired on this machine's clock, but not on Atlas's", async () => {
    clock = -66 * 60_000;
    const stdin = exportOf(await stored("ci-1", withSecret));
    assert.equal((await call({ stdin })).out, "revoked       ci-1\n\n1 revoked\n");
    assert.deepEqual(active(), [false]);
  });

  it("sends no request for a token that has expired on both clocks", async () => {
    clock = -66 * 60_000;
    const old = await stored("ci-1", withSecret);
    clock = 0;
    // Its response tells the client Atlas's clock.
    const recent = await stored("ci-2", withSecret);
    const { code, out } = await call({ stdin: exportOf(old, recent) });
    assert.equal(code, 0);
    assert.match(out, /^expired {7}ci-1 {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
    assert.match(out, /\n\n1 revoked, 1 expired\n$/);
    assert.equal(revokes(), 1);
  });

  it("says so if only this machine's clock says that a token has expired", async () => {
    clock = -66 * 60_000;
    const { code, out } = await call({ stdin: exportOf(await stored("ci-1")) });
    assert.equal(code, 0);
    assert.match(
      out,
      /^expired {7}ci-1 .*\n\nOnly this machine's clock says that tokens have expired; .*\n\n1 expired\n$/,
    );
  });

  it("succeeds for a state that contains no tokens", async () => {
    const out = "The state contains no tokens.\n";
    assert.deepEqual(await call({ stdin: exportOf() }), { code: 0, out, err: "" });
  });

  describe("finds the client secret", () => {
    const config = { "mongodbatlas:clientSecret": plain(defaultClientSecret) };
    const { MONGODB_ATLAS_CLIENT_ID: _, ...unpaired } = environment;
    const rotated = { clientSecret: plain("a-rotated-secret") };
    const stale = { "mongodbatlas:clientSecret": plain("another-rotated-secret") };
    const lines = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, `${value}\r\n`]));
    const theirs = otherAccount.clientId;
    const rows: { title: string; outputs?: object; config?: object; env?: Record<string, string>; fails?: true }[] = [
      { title: "in the configuration", config: { ...config, "mongodbatlas:clientId": defaultClientId } },
      { title: "in the configuration, without a client ID", config },
      { title: "but not for another account", config: { ...config, "mongodbatlas:clientId": theirs }, fails: true },
      { title: "in the environment", env: environment },
      { title: "in the environment, with white space", env: lines },
      { title: "in the environment, without a client ID", env: unpaired },
      { title: "in the environment, with an empty client ID", env: { ...environment, MONGODB_ATLAS_CLIENT_ID: "" } },
      { title: "but not of another account", env: { ...environment, MONGODB_ATLAS_CLIENT_ID: theirs }, fails: true },
      { title: "but not in an empty variable", env: { MONGODB_ATLAS_CLIENT_SECRET: "" }, fails: true },
      { title: "in the environment if the state's was rotated", outputs: rotated, config: stale, env: environment },
    ];
    for (const { title, outputs, config: configured = {}, env = {}, fails = false } of rows) {
      it(title, async () => {
        const provider = configuration({ ...configured });
        const token = { ...(await stored("ci-1", outputs)), provider: `${provider.urn}::${provider.id}` };
        const { code } = await call({ stdin: exportOf(provider, token), env });
        assert.deepEqual({ code, active: active() }, { code: fails ? 1 : 0, active: [fails] });
      });
    }
  });

  it("revokes the other tokens if one fails, and explains each problem of a service account once", async () => {
    const stdin = exportOf(
      await stored("theirs-1", {}, otherAccount),
      await stored("theirs-2", {}, otherAccount),
      await stored("ours", withSecret),
    );
    const { code, out } = await call({ stdin });
    assert.equal(code, 1);
    assert.deepEqual(active(), [true, true, false]);
    assert.match(out, /^revoked {7}ours$/m);
    assert.equal(out.match(/^not revoked {3}theirs-\d {2}no client secret, expires in \d+ min$/gm)?.length, 2);
    assert.equal(out.match(/^no client secret is configured for client ID other-client$/gm)?.length, 1);
    assert.match(out, /\n\n1 revoked, 2 not revoked\n$/);
  });

  const both = "If the service account has an IP access list, add .* If it has reached its token limit, revoke";
  /** The status, Atlas's description if it is not the first documented one, the code, and the advice. */
  const failures: [status: number, description: string, code: string, advice: string, not?: RegExp][] = [
    [400, "", "invalid_request", "Fix the reported problem; retrying unchanged will fail again\\. 1 not revoked"],
    [404, "", "unexpected_response", "Rerun the same command\\. 1 not revoked"],
    [401, "", "invalid_client", "Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET"],
    [403, "", "access_denied", "Add this machine's IP address to the IP access list", /token limit/],
    [403, "Access Token limit reached.", "access_denied", "Revoke tokens", /access list/i],
    [403, "Access denied.", "access_denied", both],
  ];
  for (const [status, description, code, advice, not] of failures) {
    it(`quotes Atlas and says what to do after ${status} ${description}`, async () => {
      const body = { error: code, error_description: description };
      atlas.failNext("revoke", status, description === "" ? {} : { body });
      const ended = await call({ stdin: exportOf(await stored("ci-1", withSecret)) });
      assert.equal(ended.code, 1);
      const out = ended.out.replaceAll(/\s+/g, " ");
      assert.match(out, new RegExp(`^not revoked ci-1 ${code}, expires in .* the token was not revoked: ${code} `));
      assert.match(out, new RegExp(` Next: ${advice}`));
      if (not) assert.doesNotMatch(out, not);
    });
  }

  it("says what is missing from a modified state", async () => {
    const stdin = exportOf(await stored("ci-1", { baseUrl: undefined }));
    const { code, out } = await call({ stdin, env: environment });
    assert.equal(code, 1);
    assert.match(out, /^not revoked {3}ci-1 {2}no baseUrl, expiry unknown\n\nbaseUrl is missing from the state/);
  });

  it("sends no credentials over plain http to the base URL of a modified state", async () => {
    const { code, out } = await call({
      stdin: exportOf(await stored("ci-1", { ...withSecret, baseUrl: "http://example.com" })),
    });
    assert.equal(code, 1);
    assert.match(out, /^not revoked {3}ci-1 {2}invalid_argument, /);
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

  it("stops waiting when it is interrupted, and lists what is left", async () => {
    atlas.failNext("revoke", 429, { retryAfter: 60 });
    const stdin = exportOf(await stored("ci-1", withSecret));
    const { code, out } = await call({ stdin, interruption: new AbortController() });
    assert.equal(code, 1);
    assert.match(out, /^not revoked {3}ci-1 {2}aborted, expires /);
  });

  const mistakes: [string, Call][] = [
    ["Unknown option '--dry'; see --help", { args: ["--dry"] }],
    ["only one state can be passed; see --help", { args: ["a", "b"] }],
    ["pass a file or pipe a state in; see --help", { terminal: true }],
    ["reading the state failed (ENOENT)", { args: ["no-such-file"] }],
    ["the state is not valid JSON", { stdin: "error: no stack" }],
    ["the state is not text in UTF-8 or UTF-16", { stdin: Buffer.from([0x80, 0x81]) }],
  ];
  for (const [message, made] of mistakes) {
    it(`exits with 2 if ${message}`, async () => {
      assert.deepEqual(await call(made), { code: 2, out: "", err: `break-glass: ${message}\n` });
    });
  }

  it("sends nothing if one of several tokens is encrypted", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), resource("ci-2", { accessToken: encrypted() }));
    assert.equal((await call({ stdin })).code, 2);
    assert.deepEqual(active(), [true]);
  });

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
    const { out, err } = await call({ stdin, env: environment });
    const printed = out + err + (await call({ args: ["--help"] })).out;
    for (const secret of [defaultClientSecret, wrong, ...atlas.tokens().map(({ token }) => token)]) {
      assert.ok(!printed.includes(secret));
    }
    assert.doesNotMatch(printed.replaceAll("\n", ""), /\p{C}/u);
    for (const line of printed.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("has one color for each outcome at a terminal", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2"));
    const { out } = await call({ stdin, color: true });
    assert.match(out, /\u001b\[32mrevoked {7}\u001b\[0mci-1/);
    assert.match(out, /\u001b\[31mnot revoked {3}\u001b\[0mci-2/);
    assert.match(out, /\u001b\[32m1 revoked\u001b\[0m, \u001b\[31m1 not revoked\u001b\[0m/);
  });

  describe("as a script", () => {
    const script = examplePath("break-glass", "main.ts");

    it("prints without color into a pipe, writes the audit log, and exits with the code of its outcome", async () => {
      const file = join(folder, "audit.jsonl");
      const { child, ended } = startScript(script, [], { PULUMI_ATLAS_TOKEN_AUDIT_LOG: file });
      child.stdin!.end(exportOf(await stored("ci-1", withSecret)));
      assert.deepEqual(await ended, { code: 0, out: "revoked       ci-1\n\n1 revoked\n", err: "" });
      const { event, resourceId } = auditEventSchema.parse(JSON.parse(readFileSync(file, "utf8")));
      assert.deepEqual({ event, resourceId }, { event: "revoked", resourceId: "ci-1" });
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const failing = startScript(script, [], {});
      failing.child.stdin!.end("no state");
      assert.equal((await failing.ended).code, 2);
    });

    /** The report is on standard error, and every token is revoked. */
    function assertContinued({ code, err }: Omit<Ended, "out">, reason: string): void {
      assert.deepEqual({ code, active: active() }, { code: 0, active: [false, false] });
      assert.match(
        err,
        new RegExp(`^break-glass: cannot write to standard output \\(${reason}\\); continuing here\nrevoked`),
      );
      assert.match(err, /\n2 revoked\n$/);
      assert.doesNotMatch(err, /\n +at /);
    }

    it("goes on revoking when standard output is closed and the audit log cannot be written", async () => {
      const { child, ended } = startScript(script, [], { PULUMI_ATLAS_TOKEN_AUDIT_LOG: folder });
      child.stdout!.destroy();
      child.stdin!.end(exportOf(await stored("ci-1", withSecret), await stored("ci-2", withSecret)));
      const { code, err } = await ended;
      const warning = `The audit log ${folder} cannot be written (EISDIR).\n`;
      assert.equal(err.split(warning).length, 2);
      assertContinued({ code, err: err.replace(warning, "") }, "EPIPE");
    });

    it("goes on revoking when the disk is full", async function () {
      if (process.platform !== "linux") this.skip();
      const { child, ended } = startScript(script, [], {}, openSync("/dev/full", "w"));
      child.stdin!.end(exportOf(await stored("ci-1", withSecret), await stored("ci-2", withSecret)));
      assertContinued(await ended, "ENOSPC");
    });

    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      it(`lists what is left on ${signal}`, async () => {
        atlas.failNext("revoke", 429, { retryAfter: 60 });
        const { child, ended } = startScript(script, [], {});
        child.stderr!.once("data", () => child.kill(signal));
        child.stdin!.end(exportOf(await stored("ci-1", withSecret)));
        const { code, out } = await ended;
        assert.equal(code, 1);
        assert.match(out, /\n1 not revoked\n$/);
      });
    }
  });
});
