import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { TokenEvent } from "pulumi-atlas-token/oauth";
import { defaultClientId, defaultClientSecret, type LocalAtlas } from "../local-atlas";
import type { Run, Stack } from "./stack";
import { heading, paragraph, transcript } from "./terminal";

/** `renewBefore` in the quickstart. */
const RENEW_BEFORE_SECONDS = 600;

export interface DemoContext {
  readonly stack: Stack;
  readonly atlas: LocalAtlas;
  /** The file that the provider appends to. */
  readonly auditLog: string;
  /** How long the first token is not due yet; longer than the first two steps take. */
  readonly freshSeconds: number;
}

/** Shows the lifecycle of a token, step by step; rejects at the first step that does something else. */
export async function runDemo({ stack, atlas, auditLog, freshSeconds }: DemoContext): Promise<void> {
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

  heading("pulumi destroy, after the client secret was rotated: the token stays in the state");
  const currentSecret = `${defaultClientSecret}-2`;
  atlas.setSecrets(defaultClientId, [currentSecret]);
  const refused = show(await stack.destroy());
  assert.ok(!refused.succeeded);
  assert.match(refused.output, /invalid_client/);
  assert.equal((await stack.tokens()).length, 1);
  assert.deepEqual(active(), [false, true]);

  heading("MONGODB_ATLAS_CLIENT_SECRET=… pulumi destroy, with the current secret: the token is revoked");
  // A response of 503 in between is retried.
  atlas.failNext("revoke", 503, { retryAfter: 1 });
  const revoking = stack.destroy({ MONGODB_ATLAS_CLIENT_SECRET: currentSecret });
  assert.match(await succeeds(revoking), /is temporarily unavailable; retrying in /);
  assert.equal((await stack.tokens()).length, 0);

  heading("The tokens at Local Atlas");
  for (const { jti, active: isActive } of atlas.tokens()) {
    process.stdout.write(`  token ${jti}: ${isActive ? "ACTIVE" : "revoked"}\n`);
  }
  assert.deepEqual(active(), [false, false]);

  heading("The audit log: which tokens are not revoked?");
  const events = (await readFile(auditLog, "utf8")).trim().split("\n").map(parseEvent);
  for (const { event, resourceId = "", code = "" } of events) {
    process.stdout.write(`  ${event.padEnd(13)} ${resourceId} ${code}`.trimEnd() + "\n");
  }
  const left = tokensLeft(events);
  process.stdout.write(`\n  not revoked: ${left.join(", ") || "none"}\n\n`);
  assert.deepEqual(left, []);
  const names = events.map(({ event }) => event);
  // The last destroy tries the secret in the configuration before the one in the environment.
  assert.deepEqual(names, ["issued", "issued", "revoked", "revoke_failed", "revoke_failed", "revoked"]);
}

function parseEvent(line: string): TokenEvent {
  return JSON.parse(line) as TokenEvent;
}

/** The resource IDs of the tokens without a `revoked` or `expired` event; the README has the same as a `jq` command. */
function tokensLeft(events: readonly TokenEvent[]): string[] {
  const ended = events.filter(({ event }) => event === "revoked" || event === "expired");
  const hashes = new Set(ended.map(({ tokenSha256 }) => tokenSha256));
  const left = events.filter(({ tokenSha256 }) => tokenSha256 !== undefined && !hashes.has(tokenSha256));
  return [...new Set(left.map(({ resourceId = "" }) => resourceId))];
}

async function untilDue(expiresAt: string): Promise<void> {
  const waitMs = Date.parse(expiresAt) - RENEW_BEFORE_SECONDS * 1000 - Date.now();
  if (waitMs <= 0) return;
  process.stdout.write("\n");
  paragraph(`Waiting ${Math.ceil(waitMs / 1000)} s, until the token is within ten minutes of its expiry.`);
  await new Promise((resolve) => setTimeout(resolve, waitMs));
}
