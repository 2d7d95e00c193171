import assert from "node:assert/strict";
import { once } from "node:events";
import { startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { examplePath, startScript, type Ended } from "./child";

describe("the pipeline's step of the example adopt", () => {
  const script = examplePath("adopt", "issue.ts");
  const revokedMessage = "the token could not be passed on, so it was revoked\n";
  let atlas: LocalAtlas;
  let onRequest: () => unknown;
  beforeEach(async () => {
    onRequest = () => undefined;
    atlas = await startLocalAtlas({
      before: async () => {
        await onRequest();
      },
    });
  });
  afterEach(() => atlas.close());

  function assertRevoked({ code, out, err }: Ended, message: string): void {
    assert.deepEqual({ code, out, err }, { code: 1, out: "", err: message });
    assert.deepEqual(
      atlas.tokens().map(({ active }) => active),
      [false],
    );
  }

  it("prints a token and nothing else", async () => {
    const ended = await startScript(script, [], environmentFor(atlas)).ended;
    assert.deepEqual(ended, { code: 0, out: atlas.tokens()[0]?.token, err: "" });
    assert.equal(atlas.tokens()[0]?.active, true);
  });

  it("fails in one line, without the secret", async () => {
    const env = { ...environmentFor(atlas), MONGODB_ATLAS_CLIENT_SECRET: "a-wrong-secret" };
    const { code, out, err } = await startScript(script, [], env).ended;
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    assert.match(err, /^no token was issued: invalid_client \(401\): .*\n$/);
    assert.ok(!err.includes("a-wrong-secret"));
  });

  it("revokes its token if nobody reads standard output", async () => {
    const { child, ended } = startScript(script, [], environmentFor(atlas));
    child.stdout!.destroy();
    assertRevoked(await ended, revokedMessage);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`revokes its token if ${signal} comes while it is being issued`, async () => {
      const { child, ended } = startScript(script, [], environmentFor(atlas));
      onRequest = () => {
        child.kill(signal);
        onRequest = () => undefined;
        // The response waits until the script has noticed the signal.
        return once(child.stderr!, "data");
      };
      assertRevoked(await ended, `interrupted by ${signal}\n${revokedMessage}`);
    });
  }
});
