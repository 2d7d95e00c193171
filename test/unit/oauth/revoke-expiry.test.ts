import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { documented } from "../../support/oauth/scripted-server";
import { minute } from "../../support/oauth/times";

describe("revoke knows when a token has expired by itself:", () => {
  const client = new ClientFixture();

  const rows = [
    { description: "an hour ago", expiresIn: -60 * minute, requests: 0 },
    { description: "five minutes ago", expiresIn: -5 * minute, requests: 0 },
    { description: "not quite five minutes ago", expiresIn: -5 * minute + 1, requests: 1 },
    { description: "just now", expiresIn: 0, requests: 1 },
    { description: "in an hour", expiresIn: 60 * minute, requests: 1 },
    { description: "in thousands of years", expiresIn: Date.UTC(9000, 0), requests: 1 },
  ];
  for (const { description, expiresIn, requests } of rows) {
    it(`${description}, it asks Atlas ${requests === 0 ? "no more" : "all the same"}`, async () => {
      client.server.script("revoke", contract.revoked);
      await client.revoke({ expiresAt: new Date(client.calls.clock.now() + expiresIn) });
      assert.equal(client.server.received.length, requests);
    });
  }

  for (const failure of contract.failures.filter(({ triedAgain }) => triedAgain.revoke)) {
    it(`while it meets ${failure.status}, it ends well then`, async () => {
      client.server.script("revoke", documented(failure));
      const expiresAt = new Date(client.calls.clock.now() - 4 * minute);
      const before = client.calls.clock.monotonic();
      await client.revoke({ expiresAt });
      assert.equal(Math.round(client.calls.clock.monotonic() - before), minute);
      assert.ok(client.server.received.length > 1);
    });
  }

  it("but does not take an answer that is no success for one before", async () => {
    client.server.script("revoke", documented(contract.failures.find(({ code }) => code === "invalid_client")!));
    const error = await rejection(client.revoke({ expiresAt: new Date(client.calls.clock.now()) }));
    assert.equal(error.code, "invalid_client");
  });
});
