import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { forEachDriver } from "../support/open-stack";
import { logIn } from "./support/accounts";
import { actives, answers } from "./support/seen-by-atlas";
import { useLocalAtlas } from "./support/use-local-atlas";

const TOKENS = 4;

function program() {
  for (let index = 0; index < TOKENS; index++) new ServiceAccountToken(`token-${index}`);
  return undefined;
}

describe("14: two stacks at once with one service account", () => {
  forEachDriver((driver) => {
    const start = useLocalAtlas();

    it("both get through the rate limit, and each revokes what is its own", async () => {
      // Fewer than either stack needs by itself, so that it is reached whatever their pace.
      const atlas = await start({ requestsPerWindow: TOKENS - 1, windowSeconds: 1 });
      const stacks = [await driver.open(), await driver.open()] as const;
      for (const stack of stacks) {
        stack.env["MONGODB_ATLAS_BASE_URL"] = atlas.url;
        logIn(stack, { clientId: defaultClientId, clientSecret: defaultClientSecret });
      }

      const ups = await Promise.all(stacks.map((stack) => stack.up(program)));

      for (const run of ups) assert.deepEqual([run.succeeded, run.changes["create"]], [true, TOKENS], run.output);
      assert.equal(answers(atlas, "issue").filter((status) => status === 200).length, 2 * TOKENS);
      assert.ok(answers(atlas, "issue").includes(429));
      const held = await Promise.all(stacks.map((stack) => stack.state()));
      const tokens = held.flat().map(({ outputs }) => outputs["accessToken"]);
      assert.deepEqual(new Set(tokens), new Set(atlas.tokens().map(({ token }) => token)));

      const destroys = await Promise.all(stacks.map((stack) => stack.destroy()));

      for (const run of destroys) assert.ok(run.succeeded, run.output);
      assert.deepEqual(new Set(actives(atlas)), new Set([false]));
      assert.equal(answers(atlas, "revoke").filter((status) => status === 200).length, 2 * TOKENS);
    });
  });
});
