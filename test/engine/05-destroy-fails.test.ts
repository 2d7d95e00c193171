import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { contract } from "../support/oauth/contract";
import { forEachDriver } from "../support/open-stack";
import type { StateResource } from "../support/stack";
import { useScene, type Scene } from "./support/scene";
import { actives, answers } from "./support/seen-by-atlas";
import { did, failed } from "./support/steps";

const COUNT = 20;

function single() {
  new ServiceAccountToken("ci");
  return undefined;
}

function many() {
  for (let index = 0; index < COUNT; index++) new ServiceAccountToken(`ci-${index}`);
  return undefined;
}

function tokensIn(resources: readonly StateResource[]): unknown[] {
  return resources.map(({ outputs }) => outputs.accessToken).sort();
}

function aliveIn({ atlas }: Scene): unknown[] {
  const alive = atlas.tokens().filter(({ active }) => active);
  return alive.map(({ token }) => token).sort();
}

describe("5: a destroy while Atlas fails", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    for (const { status, code, body, triedAgain } of contract.failures) {
      it(`keeps the token with a typed error where the answer is ${status} ${code}, and the next destroy revokes it`, async () => {
        const { stack, atlas } = await open();
        // So short that what is tried again is given up after the first attempt.
        stack.env.PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT = "1ms";
        assert.ok((await stack.up(single)).succeeded);
        const before = await stack.state();
        const [{ id = "" }] = before as [StateResource];
        atlas.failNext("revoke", status, body === null ? {} : { error: body.error });

        const refused = await stack.destroy();

        assert.deepEqual([refused.succeeded, did(refused), failed(refused)], [false, [], ["delete ci"]]);
        const headlines = new RegExp(
          `^ +error: ServiceAccountToken ${id} was not revoked: ${code} \\(${status}\\): `,
          "gm",
        );
        assert.equal(refused.output.match(headlines)?.length, 1, refused.output);
        assert.doesNotMatch(refused.output, /^ +at .*\.js/m);
        if (body !== null) assert.ok(refused.output.includes(`Atlas says: ${body.error_description}`), refused.output);
        assert.match(refused.output, /Attempts: 1 in /);
        assert.match(refused.output, /The token is still active; it expires at \S+Z \(in \d+ min\)/);
        assert.match(refused.output, /Next: .*run the same command again: `pulumi destroy`/);
        assert.deepEqual(await stack.state(), before);
        assert.deepEqual([answers(atlas, "revoke"), actives(atlas)], [[status], [true]]);

        const retried = triedAgain.revoke;
        if (retried) {
          delete stack.env.PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT;
          atlas.failNext("revoke", status, { retryAfter: 0 });
        }

        const again = await stack.destroy();

        assert.ok(again.succeeded, again.output);
        assert.equal(
          new RegExp(`Waiting \\d s to revoke 1 token \\(${code}, `).test(again.output),
          retried,
          again.output,
        );
        assert.deepEqual([did(again), await stack.state()], [["delete ci"], []]);
        assert.deepEqual(answers(atlas, "revoke"), retried ? [status, status, 200] : [status, 200]);
        assert.deepEqual(actives(atlas), [false]);
      });
    }

    for (const continueOnError of [false, true]) {
      const manner = continueOnError ? "with --continue-on-error" : "where it stops at the first failure";
      it(`leaves in the state what is alive, of ${COUNT} tokens of which some fail, ${manner}`, async () => {
        const scene = await open({ requestsPerWindow: 0 });
        const { stack, atlas } = scene;
        assert.ok((await stack.up(many)).succeeded);
        assert.equal(aliveIn(scene).length, COUNT);
        atlas.failNext("revoke", 403, { times: 3 });
        atlas.failNext("revoke", 400, { error: "invalid_grant", times: 2 });

        const run = await stack.destroy({ continueOnError });

        assert.equal(run.succeeded, false);
        const left = await stack.state();
        assert.deepEqual(tokensIn(left), aliveIn(scene));
        assert.equal(did(run).length + left.length, COUNT);
        if (continueOnError) assert.deepEqual([left.length, failed(run).length], [5, 5]);
        for (const { id = "", name } of left.filter(({ name }) => failed(run).includes(`delete ${name}`))) {
          assert.ok(run.output.includes(`ServiceAccountToken ${id} was not revoked: `), name);
        }

        const again = await stack.destroy();

        assert.ok(again.succeeded, again.output);
        assert.deepEqual([await stack.state(), aliveIn(scene)], [[], []]);
      });
    }
  });
});
