import assert from "node:assert/strict";
import { isAtlasOAuthError, type AtlasOAuthError } from "pulumi-atlas-token/oauth";
import { adviceFor } from "../../../examples/client-only/advice";
import { listProjects } from "../../../examples/client-only/projects";
import { withToken } from "../../../examples/client-only/with-token";
import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../../examples/local-atlas";
import type { Hook, LocalAtlas } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { examplePath, killWithEverySignal, startScript } from "./child";

describe("the example client-only", () => {
  let atlas: LocalAtlas;
  let before: Hook;
  beforeEach(async () => {
    before = () => undefined;
    atlas = await startLocalAtlas({ before: (entry) => before(entry) });
  });
  afterEach(() => atlas.close());

  const options = (): Parameters<typeof withToken>[0] => ({
    baseUrl: atlas.url,
    clientId: defaultClientId,
    clientSecret: defaultClientSecret,
  });
  const active = (): boolean[] => atlas.tokens().map((token) => token.active);

  it("passes on an active token and revokes it after the work", async () => {
    const lent = await withToken(options(), (token) => Promise.resolve(atlas.isActive(token)));
    assert.deepEqual([lent, active()], [true, [false]]);
  });

  it("revokes its token after work that failed or threw, and throws that error", async () => {
    const problem = new Error("the work failed");
    const throwing = (): never => {
      throw problem;
    };
    for (const work of [() => Promise.reject(problem), throwing]) {
      await assert.rejects(withToken(options(), work), problem);
    }
    assert.deepEqual(active(), [false, false]);
  });

  it("revokes its token if the interruption comes while it is being issued", async () => {
    const interruption = new AbortController();
    before = () => interruption.abort();
    const { signal } = interruption;
    assert.equal(await withToken({ ...options(), signal }, () => Promise.resolve(signal.aborted)), true);
    assert.deepEqual(active(), [false]);
  });

  it("throws the error of revoking, and both errors if the work failed as well", async () => {
    const isRefused = (error: unknown): boolean => isAtlasOAuthError(error) && error.code === "access_denied";
    atlas.failNext("revoke", 403, { times: 2 });
    const revoking = withToken(options(), () => Promise.resolve());
    await assert.rejects(revoking, isRefused);
    const problem = new Error("the work failed");
    const working = withToken(options(), () => Promise.reject(problem));
    const hasBoth = ({ errors }: AggregateError): boolean => errors[0] === problem && isRefused(errors[1]);
    await assert.rejects(working, hasBoth);
  });

  it("lists the names of the projects with its token", async () => {
    const { fetch } = globalThis;
    const { signal } = new AbortController();
    try {
      globalThis.fetch = (url, init) => {
        assert.equal((url as URL).href, "https://cloud.mongodb.com/api/atlas/v2/groups");
        assert.equal(new Headers(init?.headers).get("authorization"), "Bearer a-fake-token");
        return Promise.resolve(Response.json({ results: [{ name: "reports" }, { name: "shop" }] }));
      };
      assert.deepEqual(await listProjects("https://cloud.mongodb.com", "a-fake-token", signal), ["reports", "shop"]);
    } finally {
      globalThis.fetch = fetch;
    }
    // Local Atlas has no projects.
    const message = "listing the projects failed: Atlas responded with 404";
    await assert.rejects(listProjects(atlas.url, "a-fake-token", signal), { message });
  });

  it("as a script, revokes its token after any signal, and exits with the code of a signal", async () => {
    const { child, ended } = startScript(examplePath("client-only", "main.ts"), [], environmentFor(atlas));
    before = ({ endpoint }) => {
      if (endpoint === "issue") killWithEverySignal(child);
    };
    const { code, out, err } = await ended;
    assert.ok([129, 130, 143].includes(code ?? 0), `${code ?? "killed"}`);
    assert.equal(out, "");
    assert.match(err, /^interrupted by SIG\w+\n$/);
    assert.deepEqual(active(), [false]);
  });

  const ENOTFOUND = { name: "Error", code: "ENOTFOUND" };
  const limit = { code: "access_denied", description: "Access Token limit reached." } as const;
  const rows: [failure: Partial<AtlasOAuthError>, advice: RegExp][] = [
    [limit, /^Revoke tokens (?!.*(?:access list|active))/],
    [{ code: "access_denied", description: "IP access list validation failed" }, /^Add this machine's (?!.*limit)/],
    [{ code: "access_denied", endpoint: "revoke", description: "IP access list" }, /\. The token is active until/],
    [{ code: "access_denied", endpoint: "issue" }, /has an IP access list, add .* token limit, revoke/],
    [{ code: "rate_limited", retryAfter: 42 }, /^Wait 42 s/],
    [{ code: "rate_limited" }, /^Wait 60 s/],
    [{ code: "server_error", serviceVersion: "gitHash=0a1b2c3" }, /gitHash=0a1b2c3/],
    [{ code: "service_unavailable" }, /unknown/],
    [{ code: "unreachable", cause: ENOTFOUND }, /ENOTFOUND/],
    [{ code: "no_response", mayHaveIssued: true }, /may have issued a token/],
    [{ code: "no_response", mayHaveIssued: false }, /may or may not be revoked/],
    [{ code: "aborted", sent: true }, /may have processed/],
    [{ code: "aborted", sent: false }, /^No request was sent/],
    [{ code: "unexpected_response", status: 302 }, /status 302/],
    [{ code: "invalid_argument" }, /MONGODB_ATLAS_CLIENT_ID/],
  ];
  for (const [failure, advice] of rows) {
    it(`gives advice for ${JSON.stringify(failure)}`, () => {
      assert.match(adviceFor(failure as AtlasOAuthError), advice);
    });
  }
});
