import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isAtlasOAuthError, type AtlasOAuthError } from "pulumi-atlas-token/oauth";
import { adviceFor } from "../../../examples/client-only/advice";
import { withToken } from "../../../examples/client-only/with-token";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { examplePath, startScript } from "./child";

describe("the example client-only", () => {
  let atlas: LocalAtlas;
  beforeEach(async () => (atlas = await startLocalAtlas()));
  afterEach(() => atlas.close());

  describe("its withToken", () => {
    const options = (): Parameters<typeof withToken>[0] => ({
      baseUrl: atlas.url,
      clientId: defaultClientId,
      clientSecret: defaultClientSecret,
    });

    it("lends an active token and revokes it after the work", async () => {
      const lent = await withToken(options(), (token) => Promise.resolve({ token, active: atlas.isActive(token) }));
      assert.equal(lent.active, true);
      assert.equal(atlas.isActive(lent.token), false);
    });

    it("revokes it after work that threw, and throws that", async () => {
      const problem = new Error("the work threw");
      await assert.rejects(
        withToken(options(), () => Promise.reject(problem)),
        problem,
      );
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("revokes it also where the signal ended the work", async () => {
      const interruption = new AbortController();
      const { signal } = interruption;
      const work = (): Promise<never> => {
        interruption.abort();
        return Promise.reject(new Error("ended"));
      };
      await assert.rejects(withToken({ ...options(), signal }, work), /^Error: ended$/);
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("throws what the revoke threw", async () => {
      atlas.failNext("revoke", 403);
      await assert.rejects(
        withToken(options(), () => Promise.resolve()),
        (error) => isAtlasOAuthError(error) && error.code === "access_denied" && error.endpoint === "revoke",
      );
    });

    it("tells of both where the work threw and the revoke failed", async () => {
      atlas.failNext("revoke", 403);
      const problem = new Error("the work threw");
      await assert.rejects(
        withToken(options(), () => Promise.reject(problem)),
        (error) => {
          assert.ok(error instanceof AggregateError);
          assert.equal(error.errors[0], problem);
          return isAtlasOAuthError(error.errors[1]);
        },
      );
    });
  });

  describe("its script", () => {
    let site: Site;
    beforeEach(async () => (site = await startSite(atlas)));
    afterEach(() => site.close());

    const start = (env: Readonly<Record<string, string>> = {}): ReturnType<typeof startScript> =>
      startScript(examplePath("client-only", "main.ts"), [], {
        ...environmentFor(atlas),
        MONGODB_ATLAS_BASE_URL: site.url,
        ...env,
      });

    it("lists the projects and revokes its token", async () => {
      const ended = await start().ended;
      assert.deepEqual(ended, { code: 0, out: "reports\nshop\n", err: "" });
      assert.deepEqual(site.seen, [`Bearer ${atlas.tokens()[0]?.token ?? ""}`]);
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("revokes its token where the projects cannot be listed", async () => {
      site.status = 500;
      const ended = await start().ended;
      assert.deepEqual(ended, { code: 1, out: "", err: "the projects could not be listed: Atlas answered 500\n" });
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("says what failed and what to do about it", async () => {
      const { code, out, err } = await start({ MONGODB_ATLAS_CLIENT_SECRET: "a-wrong-secret" }).ended;
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.match(
        err,
        /^no token was issued: invalid_client \(401\): .*\nCheck the client ID and the client secret\. .*\n$/,
      );
      assert.ok(!err.includes("a-wrong-secret"));
    });

    it("revokes its token after Ctrl-C", async () => {
      site.silent = true;
      const { child, ended } = start();
      await site.asked;
      child.kill("SIGINT");
      assert.equal((await ended).code, 130);
      assert.equal(atlas.tokens()[0]?.active, false);
    });
  });

  const rows: { failure: Partial<AtlasOAuthError>; advice: RegExp; not?: RegExp }[] = [
    { failure: { code: "invalid_client" }, advice: /client secret/ },
    {
      failure: { code: "access_denied", endpoint: "issue", description: "Access Token limit reached." },
      advice: /^Revoke tokens/,
      not: /access list|active until/i,
    },
    {
      failure: { code: "access_denied", endpoint: "revoke", description: "IP access list validation failed" },
      advice: /^Add this machine's IP address .*\. The token is active until it expires/,
      not: /limit/,
    },
    {
      failure: { code: "access_denied", endpoint: "issue" },
      advice: /has an IP access list, add .* token limit, revoke/,
    },
    { failure: { code: "rate_limited", retryAfter: 42 }, advice: /^Wait 42 s/ },
    { failure: { code: "rate_limited" }, advice: /^Wait 60 s/ },
    { failure: { code: "server_error", serviceVersion: "gitHash=0a1b2c3" }, advice: /gitHash=0a1b2c3/ },
    { failure: { code: "service_unavailable" }, advice: /unknown/ },
    { failure: { code: "unreachable", cause: { name: "Error", code: "ENOTFOUND" } }, advice: /ENOTFOUND/ },
    { failure: { code: "no_response", mayHaveIssued: true }, advice: /may have issued a token/ },
    { failure: { code: "no_response", mayHaveIssued: false }, advice: /may or may not be revoked/ },
    { failure: { code: "aborted", sent: true }, advice: /may have processed/ },
    { failure: { code: "aborted", sent: false }, advice: /^No request was sent/ },
    { failure: { code: "invalid_request", status: 400 }, advice: /status 400/ },
    { failure: { code: "unexpected_response", status: 302 }, advice: /status 302/ },
    { failure: { code: "invalid_argument" }, advice: /MONGODB_ATLAS_CLIENT_ID/ },
  ];
  for (const { failure, advice, not } of rows) {
    it(`gives advice for ${JSON.stringify(failure)}`, () => {
      assert.match(adviceFor(failure as AtlasOAuthError), advice);
      if (not) assert.doesNotMatch(adviceFor(failure as AtlasOAuthError), not);
    });
  }
});

/** Atlas as a script sees it: the two endpoints of local Atlas, and the list of projects. */
interface Site {
  readonly url: string;
  /** The Authorization headers of those who asked for the projects. */
  readonly seen: readonly string[];
  /** Resolves when somebody asks for the projects. */
  readonly asked: Promise<unknown>;
  status: number;
  /** Never answers who asks for the projects. */
  silent: boolean;
  close(): Promise<unknown>;
}

async function startSite(atlas: LocalAtlas): Promise<Site> {
  const seen: string[] = [];
  const server: Server = createServer((incoming, answer) => {
    if (incoming.url === "/api/atlas/v2/groups") {
      seen.push(incoming.headers.authorization ?? "");
      server.emit("asked");
      const body = { results: [{ name: "reports" }, { name: "shop" }], totalCount: 2 };
      if (!site.silent) answer.writeHead(site.status).end(JSON.stringify(body));
      return;
    }
    const { method, headers } = incoming;
    const onward = request(atlas.url + (incoming.url ?? ""), { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    incoming.pipe(onward);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    asked: once(server, "asked"),
    status: 200,
    silent: false,
    close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
  return site;
}
