import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import type { WaitInfo } from "../../../provider/oauth/call";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import { isAtlasOAuthError, type AtlasOAuthError } from "../../../provider/oauth/error";
import type { IssuedToken, UnrevokedToken } from "../../../provider/oauth/issue";
import type { RevokeResult } from "../../../provider/oauth/revoke";
import type { Played } from "./call";
import type { Expected } from "./expected";
import type { Target } from "./scene";
import { assertTellsNoSecret, issuedToken } from "./secrets";
import type { Stage } from "./stage";

/** Compares what a call came to with what its row expects. */
export function check(endpoint: Endpoint, expected: Expected, played: Played, stage: Stage, target: Target): void {
  const { outcome, waits } = played;
  if (expected.code !== undefined) {
    assert.ok("error" in outcome, "it succeeded");
    checkError(endpoint, expected, outcome.error, stage);
  } else {
    if ("error" in outcome) throw outcome.error as Error;
    checkResult(endpoint, expected, outcome.result);
  }
  checkTime(expected, waits, stage);
  assertTellsNoSecret(waits);
  assert.deepEqual(getEventListeners(stage.caller.signal, "abort"), [], "listeners are left at the caller's signal");
  checkSeen(expected, target);
  target.afterwards?.();
}

function checkError(endpoint: Endpoint, expected: Expected, error: unknown, stage: Stage): void {
  assert.ok(isAtlasOAuthError(error), `an error of another kind: ${String(error)}`);
  assertTellsNoSecret(error);
  const { code, status, attempts, sent, cause, description } = expected;
  assert.deepEqual(
    {
      endpoint: error.endpoint,
      code: error.code,
      status: error.status,
      attempts: error.attempts,
      retryable: error.retryable,
      mayHaveIssued: error.mayHaveIssued,
      sent: "sent" in error ? error.sent : undefined,
      elapsedMs: error.elapsedMs,
    },
    {
      endpoint,
      code,
      status,
      attempts,
      retryable: expected.retryable ?? attempts > 1,
      mayHaveIssued: expected.mayHaveIssued ?? leavesItOpen(endpoint, expected),
      sent,
      elapsedMs: stage.clock.monotonic(),
    },
  );
  if (cause !== undefined) assert.equal(error.cause?.code ?? error.cause?.name, cause);
  if (description !== undefined) assert.match(error.description ?? "", description);
  checkMessage(error);
}

/** Whether a token may have been issued: where no answer came, and where the answer is no refusal. */
function leavesItOpen(endpoint: Endpoint, { code, status = 0 }: Expected): boolean {
  if (endpoint === "revoke" || code === "service_unavailable") return false;
  return code === "no_response" || (status >= 200 && status < 300) || status >= 500;
}

/** All that a log line has to tell. */
function checkMessage({ message, code, status, description, endpoint, mayHaveIssued }: AtlasOAuthError): void {
  for (const part of [code, String(status ?? ""), description ?? "", endpoint === "issue" ? "/token" : "/revoke"]) {
    assert.ok(message.includes(part), `${part} is missing in ${message}`);
  }
  assert.equal(message.includes("Atlas may have issued one"), mayHaveIssued, message);
}

function checkResult(endpoint: Endpoint, { life, unrevoked }: Expected, result: unknown): void {
  if (endpoint === "revoke") {
    assert.ok((result as RevokeResult).outcome === "revoked");
    return;
  }
  const issued = result as IssuedToken | UnrevokedToken;
  assert.equal("unrevoked" in issued, unrevoked === true);
  const { accessToken, tokenType, issuedAt, expiresAt } = "unrevoked" in issued ? issued.unrevoked : issued;
  assert.deepEqual({ accessToken, tokenType }, { accessToken: issuedToken, tokenType: "Bearer" });
  if (life !== undefined) assert.equal((expiresAt.getTime() - issuedAt.getTime()) / 1000, life);
  if ("unrevoked" in issued) assertTellsNoSecret(issued.error);
}

/** All the time that passed was spent in waits that were announced. */
function checkTime(
  { within, attemptsEnded = 0 }: Expected,
  waits: readonly WaitInfo[],
  { clock, caller }: Stage,
): void {
  const elapsed = clock.monotonic();
  assert.ok(elapsed <= within, `it took ${elapsed} ms`);
  const announced = waits.reduce((sum, { waitMs }) => sum + waitMs, 0);
  assert.equal(elapsed, caller.signal.aborted ? 0 : announced);
  assert.equal(clock.attemptsEnded, attemptsEnded);
}

/** What the server saw of a call. */
export function checkSeen(expected: Expected, { seen }: Target): void {
  if (seen === undefined) return;
  const { code, attempts, requests = code === "unreachable" ? 0 : attempts } = expected;
  assert.equal(seen.requests.length, requests, "requests");
  // Each attempt that got no further than its connection has one of its own.
  const connections = expected.connections ?? (requests === 0 ? attempts : seen.connections);
  assert.equal(seen.connections, connections, "connections");
}
