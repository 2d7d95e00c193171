import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { rejection } from "../../support/oauth/rejection";
import type { Scripted } from "../../support/oauth/scripted-server";

describe("revoke reads an envelope:", () => {
  const client = new ClientFixture();

  const error = { error: "invalid_client", error_description: "Invalid credentials provided." };
  const rows: { description: string; answer: Scripted; end: string; inside?: number }[] = [
    { description: "a success inside", answer: { status: 200, body: { status: 200 } }, end: "done" },
    {
      description: "another success inside",
      answer: { status: 200, body: { status: 204, content: null } },
      end: "done",
    },
    { description: "a success inside a 202", answer: { status: 202, body: { status: 200 } }, end: "done" },
    { description: "an empty body", answer: { status: 200 }, end: "done" },
    { description: "a 204", answer: { status: 204 }, end: "done" },
    { description: "no status", answer: { status: 200, body: {} }, end: "done" },
    { description: "a status that is text", answer: { status: 200, body: { status: "401", ...error } }, end: "done" },
    { description: "a status that is null", answer: { status: 200, body: { status: null } }, end: "done" },
    { description: "a status that is an object", answer: { status: 200, body: { status: {} } }, end: "done" },
    {
      description: "a status behind __proto__",
      answer: { status: 200, body: '{"__proto__":{"status":401}}' },
      end: "done",
    },
    { description: "a status deep inside", answer: { status: 200, body: { content: { status: 401 } } }, end: "done" },
    { description: "an array", answer: { status: 200, body: [{ status: 401 }] }, end: "done" },
    { description: "a text", answer: { status: 200, body: '"done"' }, end: "done" },
    {
      description: "a failure inside",
      answer: { status: 200, body: { status: 401, ...error } },
      end: "invalid_client",
      inside: 401,
    },
    {
      description: "a failure inside, and its content beside",
      answer: { status: 200, body: { status: 401, content: error } },
      end: "invalid_client",
      inside: 401,
    },
    {
      description: "a success inside a failure",
      answer: { status: 401, body: { status: 200 } },
      end: "invalid_client",
      inside: 401,
    },
    {
      description: "one failure inside another",
      answer: { status: 403, body: { status: 401 } },
      end: "access_denied",
      inside: 403,
    },
    {
      description: "a redirect inside",
      answer: { status: 200, body: { status: 302 } },
      end: "unexpected_response",
      inside: 302,
    },
    {
      description: "a status of 0",
      answer: { status: 200, body: { status: 0 } },
      end: "unexpected_response",
      inside: 0,
    },
    {
      description: "a negative status",
      answer: { status: 200, body: { status: -200 } },
      end: "unexpected_response",
      inside: -200,
    },
    {
      description: "a 429 inside",
      answer: { status: 200, headers: { "retry-after": "7" }, body: { status: 429 } },
      end: "again",
    },
    { description: "a 502 inside", answer: { status: 200, body: { status: 502 } }, end: "again" },
    {
      description: "a body that is cut off",
      answer: { status: 200, body: { status: 200 }, cut: true },
      end: "again",
    },
    { description: "a body that is cut off before it began", answer: { status: 200, cut: true }, end: "again" },
    { description: "JSON that is not complete", answer: { status: 200, body: '{"status":20' }, end: "again" },
    { description: "HTML", answer: { status: 200, body: "<html>" }, end: "unexpected_response", inside: 200 },
    {
      description: "more than is read",
      answer: { status: 200, body: { status: 200, content: "x".repeat(70_000) } },
      end: "again",
    },
  ];
  for (const { description, answer, end, inside } of rows) {
    it(`${description} is ${end === "done" ? "a success" : end === "again" ? "asked again" : end}`, async () => {
      client.server.script("revoke", answer, { status: 200, body: { status: 200 } });
      if (end === "done" || end === "again") {
        await client.revoke({ envelope: true });
      } else {
        const error = await rejection(client.revoke({ envelope: true }));
        assert.deepEqual([error.code, error.status], [end, inside]);
      }
      assert.equal(client.server.received.length, end === "again" ? 2 : 1);
    });
  }

  it("says that nothing is known where it never can be read", async () => {
    client.server.script("revoke", { status: 200, body: "{" });
    const { code, status, retryable, description } = await rejection(client.revoke({ envelope: true }));
    assert.deepEqual(
      { code, status, retryable, description },
      {
        code: "unexpected_response",
        status: 200,
        retryable: true,
        description: "could not parse the response envelope; the token may or may not be revoked",
      },
    );
  });
});
