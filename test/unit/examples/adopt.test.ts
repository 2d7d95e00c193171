import assert from "node:assert/strict";
import { issueToken } from "pulumi-atlas-token/oauth";
import { defaultClientId, defaultClientSecret } from "../../../examples/local-atlas";
import { projectName } from "../../support/names";
import { environmentFor } from "../../support/environment-for";
import { examplePath, startScript, type Ended } from "./child";
import { loadExample } from "./load-example";
import { stackFixture, succeeds } from "./stack-fixture";

describe("the example adopt", () => {
  const fixture = stackFixture();
  const program = (): Record<string, unknown> => loadExample("adopt");

  function runPipelineStep(env = environmentFor(fixture().atlas)): Promise<Ended> {
    return startScript(examplePath("adopt", "issue.ts"), [], env).ended;
  }

  async function handOver(): Promise<void> {
    const { url: baseUrl } = fixture().atlas;
    const { accessToken } = await issueToken({ baseUrl, clientId: defaultClientId, clientSecret: defaultClientSecret });
    await fixture().stack.setConfig(`${projectName}:pipelineToken`, accessToken, { secret: true });
  }

  it("has a step that prints a token and nothing else", async () => {
    const { code, out, err } = await runPipelineStep();
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.equal(out, fixture().atlas.tokens()[0]?.token);
  });

  it("has a step that fails in one line, without the secret", async () => {
    const env = { ...environmentFor(fixture().atlas), MONGODB_ATLAS_CLIENT_SECRET: "a-wrong-secret" };
    const { code, out, err } = await runPipelineStep(env);
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    assert.match(err, /^no token was issued: invalid_client \(401\): .*\n$/);
    assert.ok(!err.includes("a-wrong-secret"));
  });

  it("takes over the pipeline's token, issues none, and revokes it when the stack is torn down", async () => {
    const { stack, atlas } = fixture();
    await handOver();
    const { outputs } = await succeeds(stack.up(program));
    const [token, ...others] = atlas.tokens();
    assert.ok(token?.active);
    assert.deepEqual(others, []);
    assert.equal(outputs["accessToken"], token.token);
    assert.equal(Date.parse(String(outputs["usableUntil"])), token.expiresAt.getTime());

    await succeeds(stack.destroy());
    assert.equal(atlas.isActive(token.token), false);
  });

  it("revokes it when the next run hands over another one", async () => {
    const { stack, atlas } = fixture();
    await handOver();
    await succeeds(stack.up(program));
    await handOver();
    await succeeds(stack.up(program));
    assert.deepEqual(
      atlas.tokens().map(({ active }) => active),
      [false, true],
    );
  });
});
