import assert from "node:assert/strict";

import { fromResponse } from "../../../provider/oauth/classify";
import { headline } from "../../../provider/oauth/messages";
import type { Failure } from "../../../provider/oauth/failure";
import {
  explainIssue,
  explainKept,
  explainMissingSecret,
  explainRevoke,
  explainUnreadable,
  type TokenInfo,
} from "../../../provider/operations/explain";
import { clientId, codes, failures, fakeContext, id, MINUTE, NOW, oauthError, origin } from "./fake";

const circumstances = {
  origin,
  clientId,
  source: "the stack's configuration (mongodbatlas:clientSecret)",
  sources: fakeContext().sources,
};
const subject: TokenInfo = { id, expiresAt: NOW + 30 * MINUTE, replacedBy: undefined, now: NOW };

function issueMessage(failure: Failure): string {
  return explainIssue("ci", oauthError("issue", failure), circumstances);
}

function revokeMessage(failure: Failure, changes: Partial<TokenInfo> = {}): string {
  return explainRevoke({ ...subject, ...changes }, oauthError("revoke", failure), circumstances);
}

function assertIncludes(message: string, parts: readonly string[]): void {
  for (const part of parts) assert.ok(message.includes(part), `"${part}" is missing in:\n${message}`);
}

/** What every message says of its call. */
const anyCall = [
  `client id ${clientId}`,
  "secret from the stack's configuration (mongodbatlas:clientSecret)",
  "Attempts: 3 in 4.2 s",
  "atlas.example",
];

describe("the message of a failed issue", () => {
  it("reads from the headline to the next step, a line for each", () => {
    const answer = {
      status: 429,
      headers: { "retry-after": "42", "x-mongodb-service-version": "gitHash=0a1b2c3; versionString=v20261101" },
      body: JSON.stringify({ error: "rate_limited", error_description: "Resource X is limited to 10 requests." }),
      complete: true,
    };
    assert.deepEqual(issueMessage(fromResponse("issue", answer)).split("\n"), [
      `ServiceAccountToken "ci": no token was issued: rate_limited (429): still rate limited when the retries timed out`,
      "  Atlas says: Resource X is limited to 10 requests.",
      "  Request: POST atlas.example/api/oauth/token, client id fake-client, secret from the stack's configuration (mongodbatlas:clientSecret)",
      "  Attempts: 3 in 4.2 s; Atlas asks to wait 42 s",
      "  Service version: gitHash=0a1b2c3; versionString=v20261101",
      "  Next: wait until the limit is over, or declare fewer tokens for one service account, then run `pulumi up` again.",
    ]);
  });

  for (const code of codes) {
    it(`names what happened, whose call it was and what to run next: ${code}`, () => {
      const failure = failures[code];
      const status = "status" in failure ? ` (${failure.status})` : "";
      const message = issueMessage(failure);
      const title = `ServiceAccountToken "ci": no token was issued: ${code}${status}: ${headline(failure)}\n`;
      assert.ok(message.startsWith(title), message);
      assertIncludes(message, [...anyCall, "/api/oauth/token", "run `pulumi up` again."]);
    });
  }

  const rows: readonly { description: string; code: (typeof codes)[number]; parts: readonly string[] }[] = [
    { description: "the client id and secret for", code: "invalid_client", parts: ["check the client id and secret"] },
    {
      description: "the access list, the cap of 100 tokens and deleteBeforeReplace for",
      code: "access_denied",
      parts: ["IP access list", "this machine's address", "100 active tokens", "`deleteBeforeReplace: true`"],
    },
    {
      description: "base URL, network and proxy for",
      code: "unreachable",
      parts: ["base URL", "network", "proxy", "Transport: ENOTFOUND"],
    },
    { description: "the limit for", code: "rate_limited", parts: ["wait until the limit is over", "fewer tokens"] },
    { description: "the arguments for", code: "invalid_request", parts: ["check the arguments"] },
    { description: "the arguments for", code: "unsupported_grant_type", parts: ["check the arguments"] },
    { description: "the arguments for", code: "invalid_grant", parts: ["check the arguments"] },
    { description: "the arguments for", code: "invalid_argument", parts: ["check the arguments"] },
    {
      description: "base URL and proxies for",
      code: "unexpected_response",
      parts: ["check the base URL and the proxies on the way"],
    },
    { description: "the transport's error for", code: "no_response", parts: ["Transport: ECONNRESET read"] },
    { description: "the service version for", code: "server_error", parts: ["Service version: gitHash=0a1b2c3"] },
  ];
  for (const { description, code, parts } of rows) {
    it(`names ${description} ${code}`, () => assertIncludes(issueMessage(failures[code]), parts));
  }

  it("warns of a token that nobody holds where one may have been issued", () => {
    const message = issueMessage({ ...failures.no_response, mayHaveIssued: true });
    assertIncludes(message, [
      "A token may have been issued that nobody holds: it cannot be revoked and expires by itself within an hour.",
    ]);
  });

  it("does not warn of one where none can have been issued", () => {
    assert.doesNotMatch(issueMessage(failures.invalid_client), /nobody holds/);
  });
});

describe("the message of a failed revoke", () => {
  /** Five minutes after its expiry, the usual tolerance of clock skew, a token is dead on every clock. */
  const waiting = "Or wait: from 2026-11-01T12:35:00Z on it succeeds without Atlas";

  it("reads from the headline to the next step, a line for each", () => {
    const lines = revokeMessage({ ...failures.access_denied, serviceVersion: "gitHash=0a1b2c3" }).split("\n");
    assert.deepEqual(lines.slice(0, -2), [
      "ServiceAccountToken ci-0a1b2c3d was not revoked: access_denied (403): Atlas denied access",
      "  Atlas says: IP access list.",
      "  Request: POST atlas.example/api/oauth/revoke, client id fake-client, secret from the stack's configuration (mongodbatlas:clientSecret)",
      "  Attempts: 3 in 4.2 s",
      "  Service version: gitHash=0a1b2c3",
      "  The token is still active; it expires at 2026-11-01T12:30:00Z (in 30 min).",
    ]);
    assert.match(lines.at(-2)!, /^ {2}Next: .*\.$/);
    assert.match(lines.at(-1)!, /^ {2}Or wait: .*\.$/);
  });

  for (const code of codes) {
    it(`names what happened, whose call it was, the token's standing and what to run next: ${code}`, () => {
      const failure = failures[code];
      const status = "status" in failure ? ` (${failure.status})` : "";
      const message = revokeMessage(failure);
      const title = `ServiceAccountToken ${id} was not revoked: ${code}${status}: ${headline(failure)}\n`;
      assert.ok(message.startsWith(title), message);
      assertIncludes(message, [
        ...anyCall,
        "/api/oauth/revoke",
        code === "no_response"
          ? "The token may be revoked already, or still be active; it expires at 2026-11-01T12:30:00Z (in 30 min)."
          : "The token is still active; it expires at 2026-11-01T12:30:00Z (in 30 min).",
        "run the same command again: `pulumi destroy`",
        waiting,
      ]);
    });
  }

  const rows: readonly { description: string; code: (typeof codes)[number]; parts: readonly string[] }[] = [
    {
      description: "the variable, the configuration and `--run-program` for",
      code: "invalid_client",
      parts: [
        "MONGODB_ATLAS_CLIENT_SECRET",
        "`pulumi config set --secret mongodbatlas:clientSecret …`",
        "`pulumi destroy --run-program`",
        "a plain destroy sees the configuration of the last `pulumi up`",
        "if the service account is gone, only waiting helps",
      ],
    },
    { description: "the access list for", code: "access_denied", parts: ["IP access list", "this machine's address"] },
    { description: "network and proxy for", code: "unreachable", parts: ["network", "proxy", "Transport: ENOTFOUND"] },
    {
      description: "what the client found, base URL and proxies for",
      code: "unexpected_response",
      parts: ["Reason: it redirects", "check the base URL and the proxies on the way, then run the same command again"],
    },
    ...(["invalid_request", "unsupported_grant_type", "invalid_grant"] as const).map((code) => ({
      description: "that the cause has to be mended first for",
      code,
      parts: ["mend what Atlas complains of, since the same request gets the same answer, then run"],
    })),
    { description: "the mistake for", code: "invalid_argument", parts: ["Reason: token must be a string"] },
    { description: "the transport's error for", code: "no_response", parts: ["Transport: ECONNRESET read"] },
    { description: "how long Atlas asks to wait for", code: "rate_limited", parts: ["Atlas asks to wait 42 s"] },
    { description: "the service version for", code: "server_error", parts: ["Service version: gitHash=0a1b2c3"] },
  ];
  for (const { description, code, parts } of rows) {
    it(`names ${description} ${code}`, () => assertIncludes(revokeMessage(failures[code]), parts));
  }

  it("names the transport's error where it has no code", () => {
    assertIncludes(revokeMessage({ ...failures.no_response, cause: { name: "TimeoutError" } }), [
      "Transport: TimeoutError\n",
    ]);
  });

  it("says in the past what is past", () => {
    assertIncludes(revokeMessage(failures.server_error, { expiresAt: NOW - MINUTE }), [
      "it expired at 2026-11-01T11:59:00Z (60 s ago).",
      "from 2026-11-01T12:04:00Z on it succeeds without Atlas",
    ]);
  });

  it("promises no end where the expiry is not known", () => {
    const message = revokeMessage(failures.server_error, { expiresAt: undefined });
    assertIncludes(message, ["The token is still active; its expiry is not known.\n"]);
    assert.doesNotMatch(message, /without Atlas/);
  });

  it("names the replacement, and `pulumi up` as the command, where the token was replaced in this run", () => {
    const message = revokeMessage(failures.server_error, { replacedBy: "ci-4e5f6a7b" });
    assertIncludes(message, [
      "Its replacement ci-4e5f6a7b is issued and in use.",
      "Next: run `pulumi up` again.",
      waiting,
    ]);
    assert.doesNotMatch(message, /pulumi destroy/);
  });
});

describe("the message of a revoke that has nothing to do it with", () => {
  const always = [
    "The token is still active; it expires at 2026-11-01T12:30:00Z (in 30 min).",
    "run the same command again",
    "from 2026-11-01T12:35:00Z on it succeeds without Atlas",
  ];

  it("names the variables to set, and until when to wait", () => {
    assertIncludes(explainMissingSecret(subject, clientId), [
      "ServiceAccountToken ci-0a1b2c3d was not revoked: no secret is at hand for its client id fake-client\n",
      "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to that service account's",
      ...always,
    ]);
  });

  it("names what the state does not hold, and every way out", () => {
    assertIncludes(explainUnreadable(subject, "clientId"), [
      "ServiceAccountToken ci-0a1b2c3d was not revoked: the state holds no clientId\n",
      "The state was edited or written by something else.",
      "restore the state from a backup",
      "`pulumi state delete`, which revokes nothing",
      ...always,
    ]);
  });
});

describe("the message of a token that is kept although it is of no use", () => {
  it("says why, that it is not lost, and what replaces or revokes it", () => {
    assert.deepEqual(explainKept(id, "its token_type is MAC").split("\n"), [
      "ServiceAccountToken ci-0a1b2c3d was issued but cannot be used: its token_type is MAC",
      "  It is kept in the state, so that it is not lost.",
      "  Next: run `pulumi up`, which replaces and revokes it, or `pulumi destroy`, which revokes it.",
    ]);
  });
});
