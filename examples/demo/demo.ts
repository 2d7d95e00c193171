import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret, type LocalAtlas } from "../local-atlas";
import type { Run, Stack } from "../../test/support/stack";
import { heading, paragraph, transcript } from "./terminal";

const RENEW_BEFORE_SECONDS = 600;

/** The life of a token, step by step; rejects at the first step that does not do what it should. */
export async function runDemo(stack: Stack, atlas: LocalAtlas, freshSeconds: number): Promise<void> {
  stack.env["MONGODB_ATLAS_BASE_URL"] = atlas.url;
  await stack.setConfig("mongodbatlas:clientId", defaultClientId);
  await stack.setConfig("mongodbatlas:clientSecret", defaultClientSecret, { secret: true });
  // So that a token is soon within the ten minutes of the program's renewBefore.
  atlas.settings.lifetimeSeconds = RENEW_BEFORE_SECONDS + freshSeconds;

  const show = (run: Run): Run => {
    for (const { token } of atlas.tokens()) assert.ok(!run.output.includes(token), "the output holds a token");
    transcript(run.output);
    return run;
  };

  heading("pulumi up: the token is issued");
  const first = show(await stack.up(quickstart));
  assert.ok(first.succeeded);
  assert.equal(first.changes.create, 1);
  const issued = atlas.tokens();
  assert.equal(issued.length, 1);
  assert.equal(first.outputs["accessToken"], issued[0]?.token);

  heading("pulumi preview: nothing has changed");
  const quiet = show(await stack.preview(quickstart));
  assert.deepEqual(quiet.changes, { same: 1 });

  await untilDue(String(first.outputs["expiresAt"]));

  heading("pulumi preview: the token is due");
  const due = show(await stack.preview(quickstart));
  assert.equal(due.changes.replace, 1);
  assert.match(due.output, /expires at .* within renewBefore 10m/);

  heading("pulumi up: a new token is issued, then the old one is revoked");
  const rotated = show(await stack.up(quickstart));
  assert.ok(rotated.succeeded);
  assert.deepEqual(active(atlas), [false, true]);

  heading("pulumi destroy, while Atlas answers 403: the token stays in the state");
  atlas.failNext("revoke", 403);
  const refused = show(await stack.destroy());
  assert.ok(!refused.succeeded);
  assert.match(refused.output, /access_denied \(403\)/);
  assert.equal((await stack.state()).length, 1);
  assert.deepEqual(active(atlas), [false, true]);

  heading("pulumi destroy, while Atlas answers 503 once: it waits, and succeeds");
  atlas.failNext("revoke", 503, { retryAfter: 1 });
  const destroyed = show(await stack.destroy());
  assert.ok(destroyed.succeeded);
  assert.match(destroyed.output, /Waiting .* to revoke 1 token \(service_unavailable/);
  assert.equal((await stack.state()).length, 0);

  heading("Local Atlas's own word");
  for (const { jti, active: isActive } of atlas.tokens()) {
    process.stdout.write(`  token ${jti}: ${isActive ? "ACTIVE" : "revoked"}\n`);
  }
  assert.deepEqual(active(atlas), [false, false]);
  process.stdout.write("\n");
}

/** The quickstart as Pulumi runs it: from its first line, each time. */
function quickstart(): Record<string, unknown> {
  const file = require.resolve("../quickstart");
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the cache of modules is keyed by file
  delete require.cache[file];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would run it once only
  return require(file) as Record<string, unknown>;
}

async function untilDue(expiresAt: string): Promise<void> {
  const wait = Date.parse(expiresAt) - RENEW_BEFORE_SECONDS * 1000 - Date.now();
  if (wait <= 0) return;
  process.stdout.write("\n");
  paragraph(`Waiting ${Math.ceil(wait / 1000)} s, until the token is within ten minutes of its expiry.`);
  await new Promise((resolve) => setTimeout(resolve, wait));
}

function active(atlas: LocalAtlas): boolean[] {
  return atlas.tokens().map((token) => token.active);
}
