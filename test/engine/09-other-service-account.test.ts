import assert from "node:assert/strict";

import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Stack } from "../support/stack";
import { configure, logIn, logOut, type Account } from "./support/accounts";
import { useScene } from "./support/scene";
import { actives } from "./support/seen-by-atlas";
import { did, failed, notes } from "./support/steps";

const old: Account = { clientId: "old-account", clientSecret: "the-secret-of-old" };
const other: Account = { clientId: "other-account", clientSecret: "the-secret-of-other" };

/** How a stack comes to use an account: by the inputs that this returns, or by what it does to the stack. */
type Way = (stack: Stack, account: Account) => ServiceAccountTokenArgs | Promise<ServiceAccountTokenArgs>;

const byInput: Way = (_stack, account) => ({ ...account });
const byConfig: Way = async (stack, account) => {
  await configure(stack, account);
  return {};
};
const byEnvironment: Way = (stack, account) => {
  logIn(stack, account);
  return {};
};

const withBothSecrets = [
  { description: "the old one stands in the state as an input, the new one is an input", from: byInput, to: byInput },
  {
    description: "the old one stands in the state as an input, the new one in the configuration",
    from: byInput,
    to: byConfig,
  },
  { description: "the old one stands in the configuration, the new one is an input", from: byConfig, to: byInput },
  {
    description: "the old one stands in the environment, the new one in the configuration",
    from: byEnvironment,
    to: byConfig,
  },
];

const withNewSecret = [
  { description: "in the configuration", way: byConfig, first: false },
  // The variables that are to name the old account are those that name the new one.
  { description: "in the environment", way: byEnvironment, first: true },
];

const replaced = ["create-replacement ci", "replace ci", "delete-replaced ci"];

describe("9: a program that moves to another service account", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function upAndMove({ from, to }: { from: Way; to: Way }) {
      const scene = await open({
        clients: { [old.clientId]: old.clientSecret, [other.clientId]: other.clientSecret },
      });
      const { stack } = scene;
      logOut(stack);
      let args = await from(stack, old);
      const program = () => ({ token: new ServiceAccountToken("ci", args).accessToken });
      const run = await stack.up(program);
      assert.ok(run.succeeded, run.output);
      args = await to(stack, other);
      return { ...scene, program };
    }

    for (const { description, ...ways } of withBothSecrets) {
      it(`has the old token revoked by its own account, with both secrets at hand: ${description}`, async () => {
        const { atlas, stack, program } = await upAndMove(ways);

        const preview = await stack.preview(program);
        const run = await stack.up(program);

        assert.deepEqual([did(preview), notes(preview.output)], [replaced, []]);
        assert.match(preview.output, /replace \[diff: .*~clientId/);
        assert.deepEqual([run.succeeded, did(run)], [true, replaced]);
        assert.deepEqual(
          atlas.log().map(({ endpoint, clientId, status }) => [endpoint, clientId, status]),
          [
            ["issue", old.clientId, 200],
            ["issue", other.clientId, 200],
            ["revoke", old.clientId, 200],
          ],
        );
        assert.equal(run.outputs["token"], atlas.tokens()[1]?.token);
        assert.equal((await stack.state()).length, 1);
      });
    }

    for (const { description, way, first } of withNewSecret) {
      it(`is told in the preview that the old token cannot be revoked, with the new secret alone ${description}`, async () => {
        const { stack, program } = await upAndMove({ from: way, to: way });

        const run = await stack.preview(program);

        assert.deepEqual([run.succeeded, did(run)], [true, replaced]);
        assert.equal(notes(run.output).length, 1);
        assert.match(
          notes(run.output)[0]!,
          /^ServiceAccountToken ci-\w+ belongs to client id old-account, for which no secret is at hand: it cannot be revoked/,
        );
      });

      it(`keeps the old token until its secret is at hand as well, with the new secret alone ${description}`, async () => {
        const { atlas, stack, program } = await upAndMove({ from: way, to: way });

        const refused = await stack.up(program);

        assert.deepEqual([refused.succeeded, failed(refused)], [false, ["delete-replaced ci"]]);
        assert.match(refused.output, /was not revoked: no secret is at hand for its client id old-account/);
        assert.match(refused.output, /Its replacement ci-\w+ is issued and in use/);
        const advice =
          /If the program has other-account from MONGODB_ATLAS_CLIENT_ID, first give it in the configuration/;
        assert.equal(advice.test(refused.output), first);
        assert.match(refused.output, /Next: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/);
        assert.deepEqual(actives(atlas), [true, true]);
        assert.deepEqual(
          (await stack.state()).map((token) => [token.inputs["clientId"], token.delete ?? false]),
          [
            [other.clientId, false],
            [old.clientId, true],
          ],
        );

        await configure(stack, other);
        logIn(stack, old);
        const run = await stack.up(program);

        assert.deepEqual([run.succeeded, did(run)], [true, ["same ci", "delete-replaced ci"]]);
        assert.deepEqual(actives(atlas), [false, true]);
        assert.equal((await stack.state()).length, 1);
      });
    }
  });
});
