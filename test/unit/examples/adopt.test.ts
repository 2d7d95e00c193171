import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { printToken } from "../../../examples/adopt/print-token";
import { startLocalAtlas, type Hook, type LocalAtlas } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { examplePath, killWithEverySignal, SIGNALS, startScript } from "./child";

describe("the pipeline's step of the example adopt", () => {
  const { signal } = new AbortController();
  const revokedMessage = "the token could not be passed on, so it was revoked";
  let atlas: LocalAtlas;
  let before: Hook;
  beforeEach(async () => {
    before = () => undefined;
    atlas = await startLocalAtlas({ before: (entry) => before(entry) });
  });
  afterEach(() => atlas.close());

  const active = (): boolean[] => atlas.tokens().map((token) => token.active);

  it("prints an active token and nothing else", async () => {
    const output = new PassThrough({ encoding: "utf8" });
    await printToken(environmentFor(atlas), output, signal);
    assert.equal(output.read(), atlas.tokens()[0]?.token);
    assert.deepEqual(active(), [true]);
  });

  it("revokes its token if nobody reads the output", async () => {
    const output = new PassThrough().destroy();
    await assert.rejects(printToken(environmentFor(atlas), output, signal), { message: revokedMessage });
    assert.deepEqual(active(), [false]);
  });

  it("takes public Atlas for an empty base URL", async () => {
    const env = { ...environmentFor(atlas), MONGODB_ATLAS_BASE_URL: "" };
    await assert.rejects(printToken(env, new PassThrough(), AbortSignal.abort()), /aborted.* cloud\.mongodb\.com/);
  });

  it("says which variable is not set", async () => {
    for (const name of ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"]) {
      const env = { ...environmentFor(atlas), [name]: "" };
      await assert.rejects(printToken(env, new PassThrough(), signal), { message: `${name} is not set` });
    }
  });

  it("revokes its token after any signal while it is being issued", async () => {
    const { child, ended } = startScript(examplePath("adopt", "issue.ts"), [], environmentFor(atlas));
    before = async ({ endpoint }) => {
      if (endpoint === "revoke") return;
      killWithEverySignal(child);
      // The response waits until the script has noticed a signal.
      await once(child.stderr!, "data");
    };
    const { code, out, err } = await ended;
    const lines = [...SIGNALS.map((name) => `interrupted by ${name}`), revokedMessage];
    assert.deepEqual({ code, out, lines: err.trim().split("\n").sort() }, { code: 1, out: "", lines: lines.sort() });
    assert.deepEqual(active(), [false]);
  });
});
