import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { ScriptedServer, type Scripted } from "../support/oauth/scripted-server";
import { forEachDriver } from "../support/open-stack";
import type { Stack, StateResource } from "../support/stack";
import { did, failed, notes } from "./support/steps";

const ACCOUNT = { clientId: "an-account", clientSecret: "the-secret-of-the-account" };
const tokens = ["first-token-of-the-server", "second-token-of-the-server", "third-token-of-the-server"] as const;
type Name = (typeof tokens)[number];

function issued(access_token: Name, token_type: string): Scripted {
  return { status: 200, body: { access_token, token_type, expires_in: 3600 } };
}

const revoked: Scripted = { status: 200 };
const refused: Scripted = { status: 403, body: { error: "access_denied", error_description: "Not from here." } };

describe("7: a token that is issued but cannot be used", () => {
  forEachDriver((driver) => {
    let server: ScriptedServer;
    let stack: Stack;
    beforeEach(async () => {
      server = await ScriptedServer.start();
      stack = await driver.open();
    });
    afterEach(async () => {
      await server.close();
    });

    function programOf(release = 1) {
      return () => {
        const { accessToken } = new ServiceAccountToken("ci", {
          ...ACCOUNT,
          baseUrl: server.baseUrl,
          keepers: { release },
        });
        return { token: accessToken };
      };
    }
    const program = programOf();

    /** The tokens that the server was asked to revoke, in that order. */
    function revokes(): (string | null)[] {
      return server.to("revoke").map(({ body }) => new URLSearchParams(body).get("token"));
    }

    async function ids(): Promise<(string | undefined)[]> {
      return (await stack.state()).map(({ id }) => id);
    }

    async function upWithLeftover(): Promise<void> {
      server.script("issue", issued(tokens[0], "mac"), issued(tokens[1], "Bearer"));
      server.script("revoke", refused, revoked);
      const run = await stack.up(program);

      assert.deepEqual([run.succeeded, did(run), failed(run)], [false, [], ["create ci"]]);
      const [kept] = (await stack.state()) as [StateResource];
      assert.deepEqual([kept.outputs.incomplete, kept.outputs.accessToken], [true, tokens[0]]);
      assert.ok(kept.secretOutputs.includes("accessToken"));
      assert.equal(kept.initErrors?.length, 1);
      assert.match(
        run.output,
        new RegExp(`ServiceAccountToken ${kept.id} was issued but cannot be used: its token_type is mac`),
      );
      assert.match(run.output, /It is kept in the state, so that it is not lost\./);
      assert.deepEqual(revokes(), [tokens[0]]);
      await assertHidden(run.output);
    }

    async function assertHidden(output: string): Promise<void> {
      const everything = output + (await stack.exportText());
      for (const secret of [ACCOUNT.clientSecret, ...tokens]) assert.ok(!everything.includes(secret), everything);
    }

    it("is revoked at once and not stored where that works", async () => {
      server.script("issue", issued(tokens[0], "mac"));
      server.script("revoke", revoked);

      const run = await stack.up(program);

      assert.deepEqual([run.succeeded, failed(run)], [false, ["create ci"]]);
      assert.match(run.output, /no token was issued: unexpected_response \(200\)/);
      assert.match(run.output, /its token_type is mac, not Bearer; it was revoked/);
      assert.deepEqual([await stack.state(), revokes()], [[], [tokens[0]]]);
      await assertHidden(run.output);
    });

    for (const refreshed of [false, true]) {
      it(`is stored as incomplete, replaced by the next up and then revoked${refreshed ? ", also after a refresh" : ""}`, async () => {
        await upWithLeftover();
        const [id = ""] = await ids();
        if (refreshed) assert.deepEqual(did(await stack.refresh()), ["same ci"]);

        const run = await stack.up(program);

        assert.ok(run.succeeded, run.output);
        assert.deepEqual(did(run), ["create-replacement ci", "replace ci", "delete-replaced ci"]);
        assert.deepEqual(notes(run.output), [
          `ServiceAccountToken ${id} was issued but cannot be used: it is replaced`,
        ]);
        assert.equal(run.outputs.token, tokens[1]);
        assert.deepEqual(revokes(), [tokens[0], tokens[0]]);
        const [ci] = await stack.state();
        assert.deepEqual(
          [ci?.outputs.accessToken, ci?.outputs.incomplete, ci?.initErrors],
          [tokens[1], undefined, undefined],
        );
        assert.deepEqual(did(await stack.preview(program)), ["same ci"]);
        await assertHidden(run.output);
      });
    }

    it("is stored as incomplete and revoked by destroy", async () => {
      await upWithLeftover();

      const run = await stack.destroy();

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(did(run), ["delete ci"]);
      assert.deepEqual([await stack.state(), revokes()], [[], [tokens[0], tokens[0]]]);
      await assertHidden(run.output);
    });

    it("leaves the token that it was to replace in use, until the next up revokes both", async () => {
      server.script("issue", issued(tokens[0], "Bearer"), issued(tokens[1], "mac"), issued(tokens[2], "Bearer"));
      server.script("revoke", refused, revoked);
      assert.ok((await stack.up(program)).succeeded);

      const failing = await stack.up(programOf(2));

      assert.deepEqual([failing.succeeded, did(failing), failed(failing)], [false, [], ["create-replacement ci"]]);
      assert.deepEqual([failing.outputs.token, revokes()], [tokens[0], [tokens[1]]]);
      assert.deepEqual(
        (await stack.state()).map(({ outputs, delete: left }) => [outputs.accessToken, outputs.incomplete, left]),
        [
          [tokens[1], true, undefined],
          [tokens[0], undefined, true],
        ],
      );

      const run = await stack.up(programOf(2));

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(did(run), ["create-replacement ci", "replace ci", "delete-replaced ci", "delete-replaced ci"]);
      assert.equal(run.outputs.token, tokens[2]);
      assert.deepEqual(revokes().slice(1).sort(), [tokens[0], tokens[1]]);
      assert.deepEqual(
        (await stack.state()).map(({ outputs }) => outputs.accessToken),
        [tokens[2]],
      );
      await assertHidden(failing.output + run.output);
    });
  });
});
