import assert from "node:assert/strict";

import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Stack } from "../support/stack";
import { configure, logIn, logOut, type Account } from "./support/accounts";
import { useScene } from "./support/scene";
import { actives, answers } from "./support/seen-by-atlas";
import { did, failed } from "./support/steps";

const before: Account = { clientId: "rotating-account", clientSecret: "the-secret-before" };
const after: Account = { ...before, clientSecret: "the-secret-after" };

/** Where the program's secret comes from. */
interface Place {
  readonly description: string;
  readonly args: ServiceAccountTokenArgs;
  readonly give: (stack: Stack, account: Account) => void | Promise<void>;
}

const input: Place = { description: "an input", args: { ...before }, give: () => undefined };
const config: Place = { description: "the configuration", args: {}, give: configure };
const environment: Place = { description: "the environment", args: {}, give: logIn };

describe("8: a secret that is rotated between up and destroy", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function upAndRotate({ args, give }: Place) {
      const { atlas, stack } = await open({
        clients: { [before.clientId]: [before.clientSecret, after.clientSecret] },
      });
      logOut(stack);
      await give(stack, before);
      const program = () => {
        const first = new ServiceAccountToken("first", args);
        new ServiceAccountToken("second", args, { dependsOn: first });
        return undefined;
      };
      const run = await stack.up(program);
      assert.ok(run.succeeded, run.output);
      atlas.setSecrets(before.clientId, [after.clientSecret]);
      return { atlas, stack, program };
    }

    const rows = [
      { place: input, revokes: [401, 200, 200] },
      { place: config, revokes: [401, 200, 200] },
      { place: environment, revokes: [200, 200] },
    ];
    for (const { place, revokes } of rows) {
      it(`is found in the environment by a plain destroy, where the old one came from ${place.description}`, async () => {
        const { atlas, stack } = await upAndRotate(place);
        logIn(stack, after);

        const run = await stack.destroy();

        assert.deepEqual([run.succeeded, did(run)], [true, ["delete second", "delete first"]]);
        assert.deepEqual(await stack.state(), []);
        assert.deepEqual(actives(atlas), [false, false]);
        // Where one was refused, the next token begins with the one that was accepted.
        assert.deepEqual(answers(atlas, "revoke"), revokes);
      });
    }

    for (const place of [input, config]) {
      it(`is found in the configuration by destroy --run-program alone, where the old one came from ${place.description}`, async () => {
        const { atlas, stack, program } = await upAndRotate(place);
        await configure(stack, after);

        const refused = await stack.destroy();

        assert.deepEqual([refused.succeeded, did(refused), failed(refused)], [false, [], ["delete second"]]);
        assert.match(refused.output, /ServiceAccountToken second-\w+ was not revoked: invalid_client \(401\)/);
        assert.match(refused.output, /secret from (the input|config) \S*clientSecret \(as of the last `pulumi up`\)/);
        assert.match(refused.output, /`pulumi config set --secret .+` followed by `pulumi destroy --run-program`/);
        assert.equal((await stack.state()).length, 2);
        assert.deepEqual(actives(atlas), [true, true]);

        const run = await stack.destroy({ program });

        assert.ok(run.succeeded, run.output);
        assert.deepEqual(await stack.state(), []);
        assert.deepEqual(actives(atlas), [false, false]);
      });
    }

    it("is known to a plain destroy once an up has seen it in the configuration", async () => {
      const { atlas, stack, program } = await upAndRotate(config);
      await configure(stack, after);

      const again = await stack.up(program);
      const run = await stack.destroy();

      assert.deepEqual(did(again), ["same first", "same second"]);
      assert.ok(run.succeeded, run.output);
      assert.deepEqual(answers(atlas, "revoke"), [200, 200]);
    });
  });
});
