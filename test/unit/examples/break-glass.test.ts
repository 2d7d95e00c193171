import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ServiceAccountToken } from "pulumi-atlas-token";
import { run } from "../../../examples/break-glass/run";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { environmentFor } from "../../support/environment-for";
import { startScript } from "./child";
import { configuration, configured, encrypted, exportOf, plain, resource } from "./exported-state";
import { examplePath } from "./load-example";
import { stackFixture, succeeds } from "./stack-fixture";

const otherClientId = "other-client";
const otherClientSecret = "other-secret";
const withSecret = { clientSecret: plain(defaultClientSecret) };
const own = { MONGODB_ATLAS_CLIENT_ID: defaultClientId, MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret };

interface Spoken {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Call {
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly colour?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly say?: (line: string) => void;
}

async function call({
  args = [],
  stdin = "",
  terminal = false,
  colour = false,
  env = {},
  signal,
  say,
}: Call): Promise<Spoken> {
  let out = "";
  let err = "";
  const code = await run(args, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY: terminal }),
    print: (text) => (out += text),
    say: (line) => {
      err += `${line}\n`;
      say?.(line);
    },
    colour,
    env,
    signal: signal ?? new AbortController().signal,
  });
  return { code, out, err };
}

describe("the example break-glass", () => {
  let atlas: LocalAtlas;
  let skew = 0;
  beforeEach(async () => {
    skew = 0;
    atlas = await startLocalAtlas({
      clients: { [defaultClientId]: defaultClientSecret, [otherClientId]: otherClientSecret },
      now: () => Date.now() + skew,
      requestsPerWindow: 0,
    });
  });
  afterEach(() => atlas.close());

  /** Has a token issued, and returns it as a state holds it. */
  async function stored(id: string, changes: object = {}, clientId = defaultClientId): Promise<object> {
    const clientSecret = clientId === otherClientId ? otherClientSecret : defaultClientSecret;
    const response = await fetch(`${atlas.url}/api/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: accessToken } = (await response.json()) as { access_token: string };
    const issued = atlas.tokens().find(({ token }) => token === accessToken);
    const expiresAt = issued?.expiresAt.toISOString().replace(".000Z", "Z");
    return resource(id, { accessToken: plain(accessToken), clientId, baseUrl: atlas.url, expiresAt, ...changes });
  }

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);
  const revokes = (): number => atlas.log().filter(({ endpoint }) => endpoint === "revoke").length;

  it("revokes every token with the secrets that the state holds", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-22", withSecret));
    assert.deepEqual(await call({ stdin }), {
      code: 0,
      out: "revoked       ci-1\nrevoked       ci-22\n\n2 revoked\n",
      err: "",
    });
    assert.deepEqual(active(), [false, false]);
  });

  it("reads the state from a file", async () => {
    const folder = await makeTempDir();
    try {
      const file = join(folder, "state.json");
      await writeFile(file, exportOf(await stored("ci-1", withSecret)));
      assert.equal((await call({ args: [file], terminal: true })).code, 0);
      assert.deepEqual(active(), [false]);
    } finally {
      await removeTempDir(folder);
    }
  });

  it("reads the state from standard input where it is named -", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret));
    assert.equal((await call({ args: ["-"], stdin, terminal: true })).code, 0);
    assert.deepEqual(active(), [false]);
  });

  it("revokes what a failed replacement left behind", async () => {
    const stdin = exportOf({ ...(await stored("ci-1", withSecret)), delete: true });
    assert.equal((await call({ stdin })).code, 0);
    assert.deepEqual(active(), [false]);
  });

  it("says what it would do in a dry run, and calls nobody", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret));
    const { code, out } = await call({ args: ["--dry-run"], stdin });
    assert.equal(code, 0);
    assert.match(out, /^would revoke {2}ci-1 {2}expires in (59|60) min\n\n1 would revoke\n$/);
    assert.deepEqual({ active: active(), revokes: revokes() }, { active: [true], revokes: 0 });
  });

  it("skips a token that has expired for more than five minutes", async () => {
    skew = -66 * 60_000;
    const stdin = exportOf(await stored("ci-1"));
    const { code, out } = await call({ stdin });
    assert.equal(code, 0);
    assert.match(out, /^expired {7}ci-1 {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n\n1 expired\n$/);
    assert.equal(revokes(), 0);
  });

  it("revokes a token that has expired for less: another clock may think otherwise", async () => {
    skew = -63 * 60_000;
    const stdin = exportOf(await stored("ci-1", withSecret));
    assert.match((await call({ stdin })).out, /^revoked {7}ci-1\n/);
    assert.equal(revokes(), 1);
  });

  it("says that a state holds no token", async () => {
    const out = "The state holds no token.\n";
    assert.deepEqual(await call({ stdin: exportOf() }), { code: 0, out, err: "" });
  });

  describe("finds a secret", () => {
    const rows: {
      description: string;
      changes?: object;
      config?: Readonly<Record<string, unknown>>;
      env?: Record<string, string>;
      revoked: boolean;
    }[] = [
      {
        description: "in the stack's configuration",
        config: {
          "mongodbatlas:clientId": defaultClientId,
          "mongodbatlas:clientSecret": plain(defaultClientSecret),
        },
        revoked: true,
      },
      {
        description: "in the stack's configuration, beside no client id",
        config: { "mongodbatlas:clientSecret": plain(defaultClientSecret) },
        revoked: true,
      },
      {
        description: "but not in the stack's configuration beside another client id",
        config: { "mongodbatlas:clientId": otherClientId, "mongodbatlas:clientSecret": plain(defaultClientSecret) },
        revoked: false,
      },
      { description: "in the environment, beside the token's client id", env: own, revoked: true },
      {
        description: "in the environment, beside no client id",
        env: { MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret, MONGODB_ATLAS_CLIENT_ID: "" },
        revoked: true,
      },
      {
        description: "but not in the environment beside another client id",
        env: { ...own, MONGODB_ATLAS_CLIENT_ID: otherClientId },
        revoked: false,
      },
      { description: "but not where there is none", revoked: false },
      { description: "but not in an empty variable", env: { MONGODB_ATLAS_CLIENT_SECRET: "" }, revoked: false },
      {
        description: "in the environment where those of the state were rotated",
        changes: { clientSecret: plain("a-rotated-secret") },
        config: { "mongodbatlas:clientSecret": plain("another-rotated-secret") },
        env: own,
        revoked: true,
      },
    ];
    for (const { description, changes, config = {}, env = {}, revoked } of rows) {
      it(description, async () => {
        const token = { ...(await stored("ci-1", changes)), ...configured };
        const { code } = await call({ stdin: exportOf(configuration(config), token), env });
        assert.deepEqual({ code, active: active() }, { code: revoked ? 0 : 1, active: [!revoked] });
      });
    }
  });

  describe("where a token cannot be revoked", () => {
    it("revokes the others, says once why and what to do, and ends with 1", async () => {
      const stdin = exportOf(
        await stored("theirs-1", {}, otherClientId),
        await stored("theirs-2", {}, otherClientId),
        await stored("redact", withSecret),
      );
      const { code, out } = await call({ stdin });
      assert.equal(code, 1);
      assert.deepEqual(active(), [true, true, false]);
      const lines = out.replaceAll(/\d+ min/g, "TIME").split("\n");
      assert.deepEqual(lines.slice(0, 3).toSorted(), [
        "not revoked   theirs-1  no secret, expires in TIME",
        "not revoked   theirs-2  no secret, expires in TIME",
        "revoked       ours",
      ]);
      assert.deepEqual(lines.slice(3), [
        "",
        "no secret is at hand for client id other-client",
        "Next: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to those of",
        "that service account.",
        "",
        "1 revoked, 2 not revoked",
        "",
      ]);
    });

    it("says so in a dry run as well where it can be known", async () => {
      const { code, out } = await call({ args: ["--dry-run"], stdin: exportOf(await stored("ci-1")) });
      assert.equal(code, 1);
      assert.match(out, /^not revoked {3}ci-1 {2}no secret, /);
    });

    const rows: { status: number; reason: string; next: RegExp }[] = [
      { status: 400, reason: "invalid_request", next: /^Next: mend what Atlas complains of/m },
      { status: 404, reason: "unexpected_response", next: /^Next: run the same command again\.$/m },
      { status: 401, reason: "invalid_client", next: /^Next: set MONGODB_ATLAS_CLIENT_ID and/m },
      { status: 403, reason: "access_denied", next: /^Next: add this machine's address to the IP access list/m },
    ];
    for (const { status, reason, next } of rows) {
      it(`tells Atlas's words and what to do after ${status}`, async () => {
        atlas.failNext("revoke", status);
        const { code, out } = await call({ stdin: exportOf(await stored("ci-1", withSecret)) });
        assert.equal(code, 1);
        assert.match(
          out,
          new RegExp(`^not revoked   ci-1  ${reason}, expires .*\\n\\nthe token was not revoked: ${reason}`),
        );
        assert.match(out, next);
        assert.match(out, /\n\n1 not revoked\n$/);
      });
    }

    it("says what an edited state lacks", async () => {
      const { code, out } = await call({ stdin: exportOf(await stored("ci-1", { baseUrl: undefined })), env: own });
      assert.equal(code, 1);
      assert.match(out, /^not revoked {3}ci-1 {2}no baseUrl, expiry unknown\n\nthe state holds no baseUrl of a token/);
    });

    it("sends no credentials to a base URL that an edited state made up", async () => {
      const stdin = exportOf(await stored("ci-1", { ...withSecret, baseUrl: "http://example.com" }));
      const { code, out } = await call({ stdin });
      assert.equal(code, 1);
      assert.match(out, /^not revoked {3}ci-1 {2}invalid_argument, /);
    });
  });

  it("waits for the rate limit of a service account, and says so once", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2", withSecret));
    atlas.failNext("revoke", 429, { times: 2, retryAfter: 1 });
    const { code, err } = await call({ stdin });
    assert.equal(code, 0);
    assert.match(err, /^waiting 2 s \(rate_limited\), 2 to go\n$/);
    assert.deepEqual(active(), [false, false]);
  });

  it("ends at once where it is interrupted, and tells what is left", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret));
    atlas.failNext("revoke", 429, { retryAfter: 60 });
    const interruption = new AbortController();
    const { code, out } = await call({
      stdin,
      signal: interruption.signal,
      say: () => interruption.abort(),
    });
    assert.equal(code, 1);
    assert.match(out, /^not revoked {3}ci-1 {2}aborted, expires /);
  });

  const misuses: { description: string; call: Call; err: RegExp }[] = [
    {
      description: "an unknown flag",
      call: { args: ["--dry"] },
      err: /^break-glass: Unknown option '--dry'; see --help\n$/,
    },
    { description: "two states", call: { args: ["a", "b"] }, err: /^break-glass: one state at a time; see --help\n$/ },
    {
      description: "no state at a terminal",
      call: { terminal: true },
      err: /^break-glass: name a file, or pipe a state in/,
    },
    {
      description: "a file that is not there",
      call: { args: ["no-such-file"] },
      err: /^break-glass: .* \(ENOENT\)\n$/,
    },
    {
      description: "what is no state",
      call: { stdin: "error: no stack" },
      err: /^break-glass: the state is not JSON\n$/,
    },
    {
      description: "an export whose secrets are encrypted",
      call: { stdin: exportOf(resource("ci-1", { accessToken: encrypted() })) },
      err: /^break-glass: .*`pulumi stack export --show-secrets`\n$/,
    },
  ];
  for (const { description, call: made, err: expected } of misuses) {
    it(`ends with 2 for ${description}`, async () => {
      const { code, out, err } = await call(made);
      assert.deepEqual({ code, out }, { code: 2, out: "" });
      assert.match(err, expected);
    });
  }

  it("calls nobody where one of several tokens is encrypted", async () => {
    const stdin = exportOf(await stored("ci-1", withSecret), resource("ci-2", { accessToken: encrypted() }));
    assert.equal((await call({ stdin })).code, 2);
    assert.deepEqual(active(), [true]);
  });

  describe("its output", () => {
    const hostile = "\u001b[2J\u202eci\r\n";

    it("holds no secret, whatever comes of a token", async () => {
      const wrong = "a-wrong-secret";
      const stdin = exportOf(
        await stored("ci-1", withSecret),
        await stored("ci-2", { clientSecret: plain(wrong) }),
        await stored("ci-3", {}, otherClientId),
      );
      const { out, err } = await call({ stdin, env: own });
      const secrets = [defaultClientSecret, wrong, ...atlas.tokens().map(({ token }) => token)];
      assert.deepEqual(
        secrets.filter((secret) => (out + err).includes(secret)),
        [],
      );
    });

    it("fits into 80 columns, the help, too", async () => {
      atlas.failNext("revoke", 403);
      const stdin = exportOf(await stored("a-name-of-usual-length-0a1b2c3d", withSecret));
      const { out } = await call({ stdin });
      const { out: help } = await call({ args: ["--help"] });
      assert.deepEqual(
        (out + help).split("\n").filter((line) => line.length > 80),
        [],
      );
    });

    it("has colours where they are asked for, one for each outcome", async () => {
      const stdin = exportOf(await stored("ci-1", withSecret), await stored("ci-2"));
      const { out } = await call({ stdin, colour: true });
      assert.match(out, /\u001b\[32mrevoked {7}\u001b\[0mci-1/);
      assert.match(out, /\u001b\[31mnot revoked {3}\u001b\[0mci-2/);
      assert.match(out, /\u001b\[32m1 revoked\u001b\[0m, \u001b\[31m1 not revoked\u001b\[0m/);
    });

    it("is free of the escape codes that an edited state holds", async () => {
      const { out } = await call({
        stdin: exportOf(await stored(hostile, { ...withSecret, clientId: hostile })),
        env: own,
      });
      assert.equal(out.replaceAll("\n", "").replaceAll(/\p{C}/gu, "").length, out.replaceAll("\n", "").length);
    });
  });

  describe("as a script", () => {
    it("takes a state from a pipe and prints without colour to one", async () => {
      const { child, ended } = startScript(examplePath("break-glass", "main.ts"), [], {});
      child.stdin.end(exportOf(await stored("ci-1", withSecret)));
      assert.deepEqual(await ended, { code: 0, out: "revoked       ci-1\n\n1 revoked\n", err: "" });
    });

    it("ends with the code of its outcome", async () => {
      const { child, ended } = startScript(examplePath("break-glass", "main.ts"), [], {});
      child.stdin.end("no state");
      assert.deepEqual(await ended, { code: 2, out: "", err: "break-glass: the state is not JSON\n" });
    });
  });

  describe("with the state of a stack", () => {
    const fixture = stackFixture();

    it("revokes a token and the one that its replacement could not revoke", async () => {
      const { stack, atlas: theirs } = fixture();
      const program = (generation: number) => (): undefined => {
        new ServiceAccountToken("ci", { keepers: { generation } });
      };
      await succeeds(stack.up(program(1)));
      theirs.failNext("revoke", 403);
      assert.equal((await stack.up(program(2))).succeeded, false);
      const stdin = JSON.stringify(await stack.exportState());

      const { code, out } = await call({ stdin, env: environmentFor(theirs) });
      assert.equal(code, 0, out);
      assert.match(out, /\n\n2 revoked\n$/);
      assert.deepEqual(
        theirs.tokens().map((token) => token.active),
        [false, false],
      );
    });
  });
});
