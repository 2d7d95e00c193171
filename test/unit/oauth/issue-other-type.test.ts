import assert from "node:assert/strict";

import { issueToken } from "../../../provider/oauth/index";
import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { credentials } from "../../support/oauth/fake-calls";
import { readBasic } from "../../support/oauth/read-basic";
import { rejection } from "../../support/oauth/rejection";
import { issued, serverTime } from "../../support/oauth/scripted-server";
import { hour } from "../../support/oauth/times";

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

describe("issue does not hand out a token that is no Bearer token:", () => {
  const client = new ClientFixture();

  const types: { token_type: unknown; told: string }[] = [
    { token_type: "MAC", told: "MAC" },
    { token_type: "Bearer, MAC", told: "Bearer, MAC" },
    { token_type: "\u001b[31mMAC\u202e", told: "MAC" },
    { token_type: "", told: "another type" },
    { token_type: undefined, told: "none" },
    { token_type: null, told: "none" },
    { token_type: 5, told: "none" },
    { token_type: { type: "Bearer" }, told: "none" },
    { token_type: credentials.clientSecret, told: "***" },
    { token_type: contract.issued.body["access_token"], told: "***" },
  ];
  for (const { token_type, told } of types) {
    it(`it revokes it and says so where the type is ${shown(token_type)}`, async () => {
      client.server.script("issue", issued({ token_type }));
      client.server.script("revoke", contract.revoked);
      const error = await rejection(client.issue());
      const { code, status, retryable, mayHaveIssued, attempts } = error;
      assert.deepEqual(
        { code, status, retryable, mayHaveIssued, attempts, description: error.description },
        {
          code: "unexpected_response",
          status: 200,
          retryable: false,
          mayHaveIssued: false,
          attempts: 1,
          description: `expected token_type Bearer, got ${told}; the token was revoked`,
        },
      );
      const [revoke] = client.server.to("revoke");
      assert.equal(new URLSearchParams(revoke?.body).get("token"), contract.issued.body["access_token"]);
      assert.deepEqual(readBasic(revoke?.headers.authorization), credentials);
    });
  }

  it("it revokes it however far the machine's clock is off", async () => {
    client.server.script("revoke", contract.revoked);
    client.server.script("issue", issued({ token_type: "MAC" }));
    for (const offset of [-240, -2, 2, 240]) {
      client.calls.clock.wallOffset = offset * hour;
      await rejection(client.issue());
    }
    assert.equal(client.server.to("revoke").length, 4);
  });

  it("it tries the revoke again", async () => {
    client.server.script("issue", issued({ token_type: "MAC" }));
    client.server.script("revoke", { status: 500 }, { status: 429 }, contract.revoked);
    assert.equal((await rejection(client.issue())).mayHaveIssued, false);
    assert.equal(client.server.to("revoke").length, 3);
    assert.deepEqual(
      client.calls.waits.map(({ endpoint }) => endpoint),
      ["revoke", "revoke"],
    );
  });

  it("it tries the revoke again, though a listener throws", async () => {
    client.server.script("issue", issued({ token_type: "MAC" }));
    client.server.script("revoke", { status: 500 }, contract.revoked);
    const onWait = (wait: Parameters<typeof client.calls.onWait>[0]): never => {
      client.calls.onWait(wait);
      throw new Error("of the listener");
    };
    assert.equal((await rejection(client.issue({ onWait }))).mayHaveIssued, false);
  });

  it("it revokes it also where the caller ends the call just then", async () => {
    const controller = new AbortController();
    client.server.script("issue", issued({ token_type: "MAC" }));
    client.server.script(
      "revoke",
      () => {
        controller.abort();
        return { status: 500 };
      },
      contract.revoked,
    );
    assert.equal((await rejection(client.issue({ signal: controller.signal }))).mayHaveIssued, false);
    assert.equal(client.server.to("revoke").length, 2);
  });

  for (const { status, code } of contract.failures.filter(({ triedAgain }) => !triedAgain.revoke)) {
    it(`it hands it over as stranded where the revoke meets ${status} too`, async () => {
      const token_type = "MAC";
      client.server.script("issue", issued({ token_type }));
      const documented = contract.failures.find((each) => each.code === code)!;
      client.server.script("revoke", { status, headers: documented.headers, body: documented.body });
      const result = await client.issue();
      assert.ok("unrevoked" in result);
      assert.deepEqual(result.unrevoked, {
        accessToken: contract.issued.body["access_token"],
        tokenType: "Bearer",
        issuedAt: new Date(serverTime),
        expiresAt: new Date(serverTime + hour),
      });
      const { description, mayHaveIssued } = result.error;
      assert.deepEqual(
        { code: result.error.code, mayHaveIssued, description },
        {
          code: "unexpected_response",
          mayHaveIssued: true,
          description: `expected token_type Bearer, got MAC; revoking the token failed (${code}), so it is still active`,
        },
      );
    });
  }

  it("the public function rejects then, and says that a token may exist", async () => {
    client.server.script("issue", issued({ token_type: "MAC" }));
    client.server.script("revoke", { status: 403 });
    const error = await rejection(issueToken({ baseUrl: client.server.baseUrl, ...credentials }));
    assert.deepEqual([error.code, error.endpoint, error.mayHaveIssued], ["unexpected_response", "issue", true]);
    assert.ok(error.message.includes("Atlas may have issued one"));
    assert.equal(client.server.received.length, 2);
  });
});
