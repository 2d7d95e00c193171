import assert from "node:assert/strict";
import type { LocalAtlas } from "../local-atlas";
import type { Run, Stack } from "./stack";
import { heading, paragraph, transcript } from "./terminal";

/** `renewBefore` in the quickstart. */
const RENEW_BEFORE_SECONDS = 600;

/**
 * Shows the lifecycle of a token, step by step; rejects at the first step that does something else.
 *
 * @param freshSeconds how long the first token is not due yet: longer than the first two steps take
 */
export async function runDemo(stack: Stack, atlas: LocalAtlas, freshSeconds: number): Promise<void> {
  atlas.settings.lifetimeSeconds = RENEW_BEFORE_SECONDS + freshSeconds;

  const show = (run: Run): Run => {
    transcript(run.output);
    for (const { token } of atlas.tokens()) assert.ok(!run.output.includes(token), "the output contains a token");
    return run;
  };
  const succeeds = async (running: Promise<Run>): Promise<string> => {
    const { succeeded, output } = show(await running);
    assert.ok(succeeded, "the operation failed");
    return output;
  };
  const active = (): boolean[] => atlas.tokens().map((token) => token.active);

  heading("pulumi up: the token is issued");
  await succeeds(stack.up());
  const [issued] = await stack.tokens();
  assert.equal(issued?.accessToken, atlas.tokens()[0]?.token);

  heading("pulumi preview: nothing has changed");
  assert.match(await succeeds(stack.preview()), /unchanged/);

  await untilDue(issued?.expiresAt ?? "");

  heading("pulumi preview: the token is due");
  assert.match(await succeeds(stack.preview()), /expires at .* within renewBefore/);

  heading("pulumi up: a new token is issued, then the old one is revoked");
  await succeeds(stack.up());
  assert.deepEqual(active(), [false, true]);

  heading("pulumi destroy, while Atlas responds with 403: the token stays in the state");
  atlas.failNext("revoke", 403);
  const refused = show(await stack.destroy());
  assert.ok(!refused.succeeded);
  assert.match(refused.output, /access_denied/);
  assert.equal((await stack.tokens()).length, 1);
  assert.deepEqual(active(), [false, true]);

  heading("pulumi destroy, while Atlas responds with 503 once: it is retried and succeeds");
  atlas.failNext("revoke", 503, { retryAfter: 1 });
  assert.match(await succeeds(stack.destroy()), /service_unavailable/);
  assert.equal((await stack.tokens()).length, 0);

  heading("The tokens at Local Atlas");
  for (const { jti, active: isActive } of atlas.tokens()) {
    process.stdout.write(`  token ${jti}: ${isActive ? "ACTIVE" : "revoked"}\n`);
  }
  assert.deepEqual(active(), [false, false]);
  process.stdout.write("\n");
}

async function untilDue(expiresAt: string): Promise<void> {
  const waitMs = Date.parse(expiresAt) - RENEW_BEFORE_SECONDS * 1000 - Date.now();
  if (waitMs <= 0) return;
  process.stdout.write("\n");
  paragraph(`Waiting ${Math.ceil(waitMs / 1000)} s, until the token is within ten minutes of its expiry.`);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
}
