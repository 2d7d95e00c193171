import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { formatResult, formatSummary, toJson } from "../../../examples/verify-atlas/report";
import { verify } from "../../../examples/verify-atlas/verify";
import { environmentFor } from "../../support/environment-for";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { examplePath, startScript } from "./child";
import { startFront, type Front } from "./front";

interface Deviation {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

describe("verify:atlas", () => {
  let atlas: LocalAtlas;
  let front: Front;
  let requests: number;
  /** Replaces the response of Local Atlas to the request with this number. */
  let deviate: (request: number, incoming: IncomingMessage) => Deviation | undefined;
  beforeEach(async () => {
    requests = 0;
    deviate = () => undefined;
    atlas = await startLocalAtlas();
    front = await startFront(atlas, (incoming, response) => {
      const deviation = deviate((requests += 1), incoming);
      if (deviation) response.writeHead(deviation.status, deviation.headers).end(deviation.body);
      return deviation !== undefined;
    });
  });
  afterEach(async () => {
    await front.close();
    await atlas.close();
  });

  async function run(clientSecret = defaultClientSecret, signal = new AbortController().signal) {
    let table = "";
    const account = { origin: front.url, clientId: defaultClientId, clientSecret };
    const verification = await verify(account, signal, (result) => (table += formatResult(result, 0)));
    const report = toJson(verification, front.url);
    assert.ok(requests <= 10);
    for (const secret of [defaultClientSecret, defaultClientId, ...atlas.tokens().map(({ token }) => token)]) {
      assert.ok(!(table + report).includes(secret));
    }
    return { table, report, summary: formatSummary(verification), token: verification.token };
  }

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);

  it("finds no difference at Local Atlas, in ten requests of which one has a wrong secret", async () => {
    const { table, report, summary, token } = await run();
    assert.equal(token, "revoked");
    assert.match(summary, /^\d\d as documented, 0 different \(!\), \d undocumented \(\?\)\n$/);
    assert.equal(requests, 10);
    assert.deepEqual(active(), [false]);
    assert.equal(atlas.log().filter(({ status }) => status === 401).length, 1);
    assert.match(table, /^ {4}status {20}200 {39}200$/m);
    assert.match(
      table,
      /^ {4}body: access_token +a JWT +\(a JWT of \d+ characters; claims sub, jti, iat, exp, exp - iat = 3600 s\)$/m,
    );
    const { requests: reported } = JSON.parse(report) as { requests: { differences: unknown[] }[] };
    assert.deepEqual(
      reported.flatMap(({ differences }) => differences),
      [],
    );
  });

  /** The number of a request, the response to it, and the line of the table that it leads to. */
  const deviations: [number, Deviation, string][] = [
    [1, { status: 200, body: '{"access_token":"x"}' }, "! body: expires_in 3600 missing"],
    [2, { status: 403 }, "! status 200 403"],
    [3, { status: 400, body: '{"error":"invalid_request"}' }, "! body: error invalid_client invalid_request"],
    [4, { status: 400, body: '{"error":400,"reason":"Bad Request"}' }, "! body: error invalid_request 400"],
    [5, { status: 400, body: '{"error":"invalid_request"}' }, "! body indented one line"],
    [6, { status: 200, body: '{"status":200}' }, "! body: status 400 200"],
    [7, { status: 200, body: "<html>Log in</html>" }, "! body none <html>Log in</html>"],
    [8, { status: 200 }, "! status 401 (assumed) 200"],
    [9, { status: 400 }, "! status 200 (RFC 7009) 400"],
    [10, { status: 302, headers: { location: "/login" } }, "? location /login"],
    [10, { status: 429, headers: { "retry-after": "42" } }, "? retry-after 42"],
  ];
  for (const [at, deviation, line] of deviations) {
    it(`shows "${line}" if request ${at} has another response`, async () => {
      deviate = (request) => (request === at ? deviation : undefined);
      const { table, report } = await run();
      assert.ok(table.replaceAll(/ +/g, " ").includes(`\n ${line}\n`), table);
      assert.match(report, /"verdict": "different"/);
    });
  }

  it("shows the error code if there is no response", async () => {
    await front.close();
    const { table } = await run();
    assert.match(table, /^ {2}! status +200 +no response \(ECONNREFUSED\)$/m);
    front = await startFront(atlas, () => false);
  });

  it("removes a text that contains a part of a secret or a token", async () => {
    deviate = (request, { headers }) => {
      const token = atlas.tokens()[0]?.token ?? "";
      if (request === 3) return { status: 401, body: JSON.stringify({ error: defaultClientSecret.slice(3, 16) }) };
      if (request === 8) return { status: 401, body: `${token.slice(50, 70)} ${headers.authorization ?? ""}` };
      return request === 9 ? { status: 400, headers: { location: `/?${token}`, server: token } } : undefined;
    };
    const { table, report } = await run();
    assert.equal(table.match(/\(removed, contains a part of a secret\)/g)?.length, 3);
    for (const part of [defaultClientSecret.slice(3, 16), atlas.tokens()[0]!.token.slice(50, 70)]) {
      assert.ok(!(table + report).includes(part));
    }
  });

  it("retries a failed revocation, and still makes ten requests at most", async () => {
    deviate = (request) =>
      request === 7 || request === 8 ? { status: 503, headers: { "retry-after": "0" } } : undefined;
    assert.equal((await run()).token, "revoked");
    assert.equal(requests, 10);
    assert.deepEqual(active(), [false]);
  });

  it("says so if the token stays active", async () => {
    deviate = (request) => (request >= 7 ? { status: 503, headers: { "retry-after": "0" } } : undefined);
    const { summary } = await run();
    assert.match(summary, /\nRevoking the token failed\. It is active until it expires, within an hour\.\n$/);
    assert.equal(requests, 10);
  });

  it("stops after the first request if no token is received", async () => {
    const { summary, table } = await run("a-wrong-secret");
    assert.match(summary, /\nNo token was received, so nothing else was verified\.\n$/);
    assert.match(table, /^ {2}! status +200 +401$/m);
    assert.equal(requests, 1);
  });

  it("only revokes the token after an interruption", async () => {
    assert.equal((await run(defaultClientSecret, AbortSignal.abort())).token, "revoked");
    assert.equal(requests, 2);
    assert.deepEqual(active(), [false]);
  });

  describe("as a script", () => {
    const script = examplePath("verify-atlas", "main.ts");
    let folder: string;
    beforeEach(async () => (folder = await makeTempDir()));
    afterEach(() => removeTempDir(folder));

    it("writes a report and exits with 0 without differences", async () => {
      const file = join(folder, "report.json");
      const { code, out, err } = await startScript(script, ["--report", file], environmentFor(atlas)).ended;
      assert.deepEqual({ code, err }, { code: 0, err: "" }, out);
      assert.match(out, /^ +documented +observed\n1\. issue a token: POST \/api\/oauth\/token\n/);
      assert.equal((JSON.parse(readFileSync(file, "utf8")) as { token: string }).token, "revoked");
    });

    it("exits with 1 for a difference, and with 2 for invalid variables", async () => {
      deviate = (request) => (request === 9 ? { status: 400 } : undefined);
      const env = { ...environmentFor(atlas), MONGODB_ATLAS_BASE_URL: front.url };
      const rows: [Record<string, string>, number, string][] = [
        [env, 1, ""],
        [{}, 2, "verify-atlas: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET\n"],
        [
          { ...env, MONGODB_ATLAS_BASE_URL: "http://example.com" },
          2,
          "verify-atlas: MONGODB_ATLAS_BASE_URL must use https (http is allowed only on localhost)\n",
        ],
      ];
      for (const [variables, expected, message] of rows) {
        const { code, err } = await startScript(script, [], variables).ended;
        assert.deepEqual({ code, err }, { code: expected, err: message });
      }
    });

    it("revokes the token on SIGTERM and when standard output is closed", async () => {
      const { child, ended } = startScript(script, [], { ...environmentFor(atlas), MONGODB_ATLAS_BASE_URL: front.url });
      deviate = (request) => {
        if (request === 2) child.kill("SIGTERM");
        return undefined;
      };
      child.stdout!.destroy();
      assert.equal((await ended).code, 0);
      assert.deepEqual(active(), [false]);
    });
  });
});
