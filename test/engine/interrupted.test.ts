import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

import { dynamic, plugin } from "./support/forms";
import { describeOnEngine } from "./support/scene";
import type { Deployment, Program, Stack } from "./support/stack";

/** Two tokens, one after the other. */
const program: Program = ({ ServiceAccountToken }) => {
  const dependsOn = new ServiceAccountToken("first");
  new ServiceAccountToken("second", {}, { dependsOn });
};

async function names(stack: Stack): Promise<string[]> {
  return (await stack.state()).map((resource) => `${resource.name}${resource.delete ? " (replaced)" : ""}`);
}

describeOnEngine("one Ctrl-C", [dynamic, plugin], (open) => {
  it("records the token that is being issued and begins nothing else, and the next up goes on", async () => {
    const scene = await open();
    const { stack } = scene;
    scene.ctrlCDuring("issue");

    const interrupted = await stack.declare(program).up();

    assert.deepEqual([interrupted.succeeded, interrupted.did], [false, ["create first"]], interrupted.output);
    assert.match(interrupted.output, /error: update canceled/);
    assert.deepEqual([await names(stack), scene.active()], [["first"], [true]]);
    assert.deepEqual((await stack.up()).did, ["same first", "create second"]);
  });

  it("keeps the old token active until the next up has updated its dependants", async () => {
    const rotating: Program = ({ ServiceAccountToken, Consumer }, keepers: Record<string, unknown>) => {
      const { accessToken } = new ServiceAccountToken("ci", { keepers });
      new Consumer("user", accessToken);
    };
    const scene = await open();
    const { stack } = scene;
    await stack.declare(rotating, { release: 1 }).up();
    scene.ctrlCDuring("issue");

    const interrupted = await stack.declare(rotating, { release: 2 }).up();

    assert.deepEqual([interrupted.succeeded, interrupted.did], [false, ["create-replacement ci"]]);
    assert.deepEqual(await names(stack), ["ci", "ci (replaced)", "user"]);
    assert.deepEqual((await stack.up()).did, ["same ci", "update user", "delete-replaced ci"]);
    assert.deepEqual(
      [scene.active(), scene.uses()],
      [
        [false, true],
        ["create: active", "update: active to active"],
      ],
    );
  });

  for (const [flags, succeeds] of [
    [[], true],
    [["--remove"], false],
    [["--run-program"], false],
  ] as const) {
    it(`leaves the remaining tokens in the state, and destroy ${flags.join()} ${succeeds ? "claims success" : "fails"}`, async () => {
      const scene = await open();
      const { stack } = scene;
      await stack.declare(program).up();
      scene.ctrlCDuring("revoke");

      const run = await stack.destroy(...flags);

      const deleted = run.did.filter((step) => step.startsWith("delete"));
      assert.deepEqual([run.succeeded, deleted], [succeeds, ["delete second"]], run.output);
      assert.deepEqual([await names(stack), scene.active()], [["first"], [true, false]]);
      assert.deepEqual((await stack.destroy()).did, ["delete first"]);
    });
  }
});

describeOnEngine("an engine that dies", [dynamic, plugin], (open) => {
  it("while a line about waiting is due ends all processes that it started", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(program).up();
    atlas.failNext("revoke", 429, { retryAfter: 2, times: 100 });

    const running = stack.destroy();
    await stack.printed("429");
    stack.killEngine();
    await running;

    // Nobody else waits for them: within the time that Mocha gives, all of them have to be gone.
    while (stack.processes().length > 0) await setTimeout(100);
    assert.deepEqual(scene.active(), [true, true]);
  });
});

describeOnEngine("a destroy hours later", [dynamic, plugin], (open) => {
  it("needs neither Atlas nor credentials, and says that only this machine's clock knows", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(program).up();
    await stack.importState(expired(await stack.exportState(), 6 * 60));
    await atlas.close();
    scene.logOut();

    const run = await stack.destroy();

    assert.deepEqual([run.succeeded, run.did], [true, ["delete second", "delete first"]], run.output);
    assert.match(run.output, /ServiceAccountToken .*expired.*(this machine's|local) clock/);
    assert.deepEqual(scene.requests(), ["issue 200", "issue 200"]);
  });

  it("sends one request for a hundred expired tokens", async () => {
    const hundred: Program = ({ ServiceAccountToken }) => {
      for (let index = 0; index < 100; index++) new ServiceAccountToken(`ci-${index}`);
    };
    const scene = await open({ requestsPerWindow: 0, activeTokens: 100 });
    const { stack } = scene;
    assert.ok((await stack.declare(hundred).up()).succeeded);
    await stack.importState(expired(await stack.exportState(), 10));

    const run = await stack.destroy();

    assert.ok(run.succeeded, run.output);
    assert.equal(run.did.length, 100);
    assert.deepEqual(scene.requests().slice(100), ["revoke 200"]);
  });

  it("asks Atlas while a clock could be wrong about the expiry", async () => {
    const scene = await open();
    await scene.stack.declare(program).up();
    await scene.stack.importState(expired(await scene.stack.exportState(), 4));

    assert.ok((await scene.stack.destroy()).succeeded);
    assert.deepEqual(scene.requests().slice(2), ["revoke 200", "revoke 200"]);
  });
});

/** The state as it would be if its tokens had expired some minutes ago. */
function expired(state: Deployment, minutes: number): Deployment {
  const expiresAt = new Date(Date.now() - minutes * 60_000).toISOString();
  return JSON.parse(JSON.stringify(state).replace(/("expiresAt":)"[^"]+"/g, `$1"${expiresAt}"`)) as Deployment;
}

describeOnEngine("a local clock that is two hours fast", [dynamic, plugin], (open) => {
  it("costs no revocation over up, renewal and destroy", async () => {
    const scene = await open();
    const { stack } = scene;
    scene.behind = 2 * 3600_000;

    for (let count = 0; count < 3; count++) assert.ok((await stack.declare(program).up()).succeeded);
    const destroyed = await stack.destroy();

    assert.ok(destroyed.succeeded, destroyed.output);
    assert.equal(scene.active().length, 6);
    assert.ok(!scene.active().includes(true), scene.requests().join("\n"));
  });
});
