import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { isAtlasOAuthError, type AtlasOAuthError } from "pulumi-atlas-token/oauth";
import { adviceFor } from "../../../examples/client-only/advice";
import { withToken } from "../../../examples/client-only/with-token";
import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { examplePath, startScript } from "./child";
import { startFront, type Front } from "./front";

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

    it("passes on an active token and revokes it after the work", async () => {
      const lent = await withToken(options(), (token) => Promise.resolve({ token, active: atlas.isActive(token) }));
      assert.equal(lent.active, true);
      assert.equal(atlas.isActive(lent.token), false);
    });

    it("revokes it after work that failed, and throws its error", async () => {
      const problem = new Error("the work failed");
      const throwing = (): never => {
        throw problem;
      };
      for (const work of [() => Promise.reject(problem), throwing]) {
        await assert.rejects(withToken(options(), work), problem);
      }
      assert.deepEqual(
        atlas.tokens().map(({ active }) => active),
        [false, false],
      );
    });

    it("revokes it if the interruption comes while it is being issued", async () => {
      const interruption = new AbortController();
      const { signal } = interruption;
      await atlas.close();
      atlas = await startLocalAtlas({ before: () => interruption.abort() });
      assert.equal(await withToken({ ...options(), signal }, () => Promise.resolve(signal.aborted)), true);
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("revokes it if the signal ended the work", async () => {
      const interruption = new AbortController();
      const { signal } = interruption;
      const work = (): Promise<never> => {
        interruption.abort();
        return Promise.reject(new Error("ended"));
      };
      await assert.rejects(withToken({ ...options(), signal }, work), /^Error: ended$/);
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("throws the error of revoking", async () => {
      atlas.failNext("revoke", 403);
      await assert.rejects(
        withToken(options(), () => Promise.resolve()),
        (error) => isAtlasOAuthError(error) && error.code === "access_denied" && error.endpoint === "revoke",
      );
    });

    it("throws both errors if both the work and revoking fail", async () => {
      atlas.failNext("revoke", 403);
      const problem = new Error("the work failed");
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

  describe("as a script", () => {
    let front: Front;
    let respond: (response: ServerResponse, authorization: string) => void;
    beforeEach(async () => {
      respond = (response) => response.end(JSON.stringify({ results: [{ name: "reports" }, { name: "shop" }] }));
      front = await startFront(atlas, ({ url, headers }, response) => {
        if (url !== "/api/atlas/v2/groups") return false;
        respond(response, headers.authorization ?? "");
        return true;
      });
    });
    afterEach(() => front.close());

    const start = (env: Readonly<Record<string, string>> = {}): ReturnType<typeof startScript> =>
      startScript(examplePath("client-only", "main.ts"), [], {
        ...environmentFor(atlas),
        MONGODB_ATLAS_BASE_URL: front.url,
        ...env,
      });

    it("lists the projects with its token and revokes it", async () => {
      const list = respond;
      respond = (response, authorization) => {
        assert.equal(authorization, `Bearer ${atlas.tokens()[0]?.token ?? ""}`);
        list(response, authorization);
      };
      assert.deepEqual(await start().ended, { code: 0, out: "reports\nshop\n", err: "" });
      assert.equal(atlas.tokens()[0]?.active, false);
    });

    it("revokes its token if listing the projects fails", async () => {
      respond = (response) => response.writeHead(500).end();
      const err = "listing the projects failed: Atlas responded with 500\n";
      assert.deepEqual(await start().ended, { code: 1, out: "", err });
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

    for (const [signal, expected] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const, ["SIGHUP", 129] as const]) {
      it(`revokes its token after ${signal}`, async () => {
        const { child, ended } = start();
        respond = () => child.kill(signal);
        const { code, err } = await ended;
        assert.deepEqual({ code, err }, { code: expected, err: `interrupted by ${signal}\n` });
        assert.equal(atlas.tokens()[0]?.active, false);
      });
    }
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
