import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { issued, type Scripted } from "../../support/oauth/scripted-server";

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

describe("issue warns of a token that may exist, and does not ask again, where a success holds none:", () => {
  const client = new ClientFixture();

  const large = "x".repeat(70_000);
  const rows: { description: string; answer: Scripted; said?: string }[] = [
    { description: "an empty body", answer: { status: 200 } },
    { description: "a 204", answer: { status: 204 } },
    { description: "JSON null", answer: { status: 200, body: "null" } },
    { description: "an array", answer: { status: 200, body: [contract.issued.body] } },
    { description: "HTML", answer: { status: 200, body: "<html>Log in</html>" } },
    { description: "JSON that is not complete", answer: { status: 200, body: '{"access_token":"fake-tok' } },
    { description: "garbage", answer: { status: 200, body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) } },
    { description: "an envelope", answer: { status: 200, body: { status: 200, content: contract.issued.body } } },
    { description: "an error", answer: { status: 200, body: { error: "invalid_grant", error_description: "No." } } },
    ...[undefined, null, "", 5, true, {}, ["a"], "\ud800"].map((access_token) => ({
      description: `an access_token of ${shown(access_token)}`,
      answer: issued({ access_token }),
    })),
    {
      description: "a body that is cut off in its JSON",
      answer: { status: 200, body: '{"access_token":"fake-tok', cut: true },
      said: "the response was truncated",
    },
    {
      description: "a body cut off before it began",
      answer: { status: 200, cut: true },
      said: "the response was truncated",
    },
    { description: "more than is read", answer: issued({ scope: large }), said: "the response was truncated" },
  ];
  for (const { description, answer, said = "the response contains no valid access_token" } of rows) {
    it(description, async () => {
      client.server.script("issue", answer);
      const error = await rejection(client.issue());
      const { code, status, retryable, mayHaveIssued, attempts } = error;
      assert.deepEqual(
        { code, status, retryable, mayHaveIssued, attempts, description: error.description },
        {
          code: "unexpected_response",
          status: answer.status,
          retryable: false,
          mayHaveIssued: true,
          attempts: 1,
          description: said,
        },
      );
      assert.ok(error.message.includes("Atlas may have issued one; it expires within an hour"), error.message);
      assert.equal(client.server.received.length, 1);
    });
  }
});
