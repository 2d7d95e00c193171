import assert from "node:assert/strict";

import { until } from "../support/within";
import { describeOnEngine, dynamic, fails, plugin, succeeds } from "./support/fixture";
import type { Program, Stack } from "./support/stack";

/** Four tokens, one after the other, and a consumer of the last one. */
const chain: Program = ({ ServiceAccountToken, Consumer }, release: number) => {
  const first = new ServiceAccountToken("first");
  const second = new ServiceAccountToken("second", {}, { dependsOn: first });
  const third = new ServiceAccountToken("third", {}, { dependsOn: second });
  const { accessToken } = new ServiceAccountToken("fourth", { keepers: { release } }, { dependsOn: third });
  new Consumer("user", accessToken);
};
const one: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

async function names(stack: Stack): Promise<string[]> {
  return (await stack.state()).map((resource) => `${resource.name}${resource.delete ? " (replaced)" : ""}`);
}

describeOnEngine("one Ctrl-C", [dynamic, plugin], (open) => {
  it("lets the request in flight finish, records its result, and the next operation goes on", async () => {
    const fixture = await open();
    const { stack } = fixture;
    fixture.ctrlCDuring("issue");
    const issuing = await fails(stack.declare(chain, 1).up());
    assert.deepEqual(issuing.did, ["create first"], issuing.output);
    assert.match(issuing.output, /error: update canceled/);
    assert.deepEqual([await names(stack), fixture.active()], [["first"], [true]]);
    const created = ["same first", "create second", "create third", "create fourth", "create user"];
    assert.deepEqual((await succeeds(stack.up())).did, created);

    fixture.ctrlCDuring("issue");
    const replacing = await fails(stack.declare(chain, 2).up());
    assert.equal(replacing.did.at(-1), "create-replacement fourth", replacing.output);
    assert.ok((await names(stack)).includes("fourth (replaced)"));
    assert.ok(!fixture.active().includes(false));
    const { did } = await succeeds(stack.up());
    assert.deepEqual(did.slice(-3), ["same fourth", "update user", "delete-replaced fourth"]);
    assert.deepEqual(fixture.uses(), ["create: active", "update: active to active"]);

    // Pulumi claims success if nothing but resources that are no longer in a program is left to delete.
    const rows = [
      { flag: "--yes", deletes: "fourth", succeeded: true },
      { flag: "--remove", deletes: "third", succeeded: false },
      { flag: "--run-program", deletes: "second", succeeded: false },
    ];
    for (const { flag, deletes, succeeded } of rows) {
      fixture.ctrlCDuring("revoke");
      const run = await stack.destroy(flag);
      const deleted = run.did.filter((step) => step.startsWith("delete")).at(-1);
      assert.deepEqual([run.succeeded, deleted], [succeeded, `delete ${deletes}`], run.output);
    }
    assert.deepEqual([await names(stack), fixture.active()], [["first"], [true, false, false, false, false]]);
    assert.deepEqual((await succeeds(stack.destroy())).did, ["delete first"]);
  });
});

describeOnEngine("an interrupt of the packaged provider", [plugin], (open) => {
  it("ends its waits with a reason at Ctrl-C, and what is issued after the engine was killed is revoked", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(one).up());
    atlas.failNext("revoke", 429, { retryAfter: 600 });
    const running = stack.destroy();
    await stack.printed("to revoke");
    stack.ctrlC();
    const aborted = await fails(running);
    assert.deepEqual(aborted.failed, ["delete ci"], aborted.output);
    assert.match(aborted.output, /ServiceAccountToken ci-\w+ [^]*aborted/);
    await succeeds(stack.destroy());

    fixture.during("issue", async () => {
      stack.ctrlC();
      await stack.printed("^C received");
      await stack.killEngine();
    });
    await fails(stack.up());
    await until("the token that nobody received to be revoked", () => fixture.requests().length >= 5);
    assert.deepEqual(fixture.requests().slice(2), ["revoke 200", "issue 200", "revoke 200"]);
    assert.deepEqual(await stack.state(), []);
  });
});
