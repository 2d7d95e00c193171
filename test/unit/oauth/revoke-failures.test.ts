import assert from "node:assert/strict";

import { ClientFixture } from "../../support/oauth/client-fixture";
import { contract, presentations } from "../../support/oauth/contract";
import { rejection } from "../../support/oauth/rejection";
import { documented } from "../../support/oauth/scripted-server";
import { minute, second } from "../../support/oauth/times";

describe("revoke", () => {
  const client = new ClientFixture();

  describe("meets every documented failure,", () => {
    for (const presentation of presentations) {
      for (const failure of contract.failures) {
        const { status, code, headers, triedAgain, retryAfterSeconds } = failure;
        // An enveloped failure may come inside of an HTTP 200.
        for (const outside of presentation.enveloped ? [200, status] : [status]) {
          const answer = { status: outside, headers, body: presentation.write(failure) };
          const options = { envelope: presentation.enveloped };
          const where = `${code}, ${presentation.name}, with HTTP ${outside}`;
          if (triedAgain.revoke) {
            it(`${where}: it is tried again`, async () => {
              client.server.script("revoke", answer, contract.revoked);
              await client.revoke(options);
              assert.equal(client.server.received.length, 2);
              assert.deepEqual(
                client.calls.waits.map((wait) => wait.code),
                [code],
              );
              const waited = client.calls.waits[0]?.waitMs ?? NaN;
              const [least, most] =
                retryAfterSeconds === undefined ? [0.5, 1] : [retryAfterSeconds, retryAfterSeconds + 1];
              assert.ok(waited >= least * second && waited <= most * second, String(waited));
            });
          } else {
            it(`${where}: it is not tried again`, async () => {
              client.server.script("revoke", answer);
              const error = await rejection(client.revoke(options));
              assert.deepEqual(
                { code: error.code, status: error.status, retryable: error.retryable, description: error.description },
                { code, status, retryable: false, description: failure.body?.error_description },
              );
              assert.equal(error.mayHaveIssued, false);
              assert.equal(client.server.received.length, 1);
            });
          }
        }
      }
    }

    it("and in the end rejects with the last, its status, its words and what was tried", async () => {
      const serverError = contract.failures.find(({ code }) => code === "server_error")!;
      client.server.script("revoke", {
        ...documented(serverError),
        headers: { "x-mongodb-service-version": "gitHash=0" },
      });
      const { code, status, description, serviceVersion, attempts, elapsedMs, endpoint, message } = await rejection(
        client.revoke(),
      );
      assert.deepEqual(
        { code, status, description, serviceVersion, endpoint },
        {
          code: "server_error",
          status: 500,
          description: "Unexpected error.",
          serviceVersion: "gitHash=0",
          endpoint: "revoke",
        },
      );
      assert.equal(attempts, client.server.received.length);
      assert.ok(elapsedMs <= 5 * minute && elapsedMs > 4 * minute, String(elapsedMs));
      assert.ok(message.includes(`${attempts} attempts in ${(elapsedMs / second).toFixed(1)} s`), message);
    });
  });

  describe("meets a status that is not documented:", () => {
    const rows = [
      { status: 302, triedAgain: false },
      { status: 307, triedAgain: false },
      { status: 404, triedAgain: false },
      { status: 408, triedAgain: true },
      { status: 425, triedAgain: true },
      { status: 400, triedAgain: false },
      { status: 501, triedAgain: true },
      { status: 502, triedAgain: true },
      { status: 504, triedAgain: true },
    ];
    for (const { status, triedAgain } of rows) {
      it(`${status} is ${triedAgain ? "" : "not "}tried again`, async () => {
        const headers = { location: `${client.server.baseUrl}${contract.revokePath}` };
        client.server.script("revoke", { status, headers }, contract.revoked);
        if (triedAgain) await client.revoke();
        else assert.equal((await rejection(client.revoke())).code, "unexpected_response");
        assert.equal(client.server.received.length, triedAgain ? 2 : 1);
      });
    }
  });
});
