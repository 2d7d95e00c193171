import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { dynamic, plugin } from "./support/forms";
import { describeOnEngine, type Account } from "./support/scene";
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

describeOnEngine("an engine that is killed", [dynamic], (open) => {
  it("while a line about waiting is due leaves a host that finishes its operation and rests", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(program).up();
    // Beyond the 15 seconds after which the next line is due, which nobody reads any more.
    atlas.failNext("revoke", 429, { retryAfter: 2, times: 8 });

    const running = stack.destroy();
    await stack.printed("to revoke");
    const host = stack.descendants().find((pid) => commandOf(pid).includes("dynamic-provider/index.js"))!;
    stack.killEngine();
    await running;
    while (!scene.requests().includes("revoke 200")) await setTimeout(100);

    const before = cpuTime(host);
    await setTimeout(2_000);
    assert.ok(cpuTime(host) - before < 50, "the host spins");
    assert.deepEqual(scene.active(), [true, false]);
    // Pulumi's own host does not notice that its engine has gone.
    process.kill(host);
  });
});

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8");
}

/** The processor time that a process has used, in hundredths of a second. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

describeOnEngine("the plugin", [plugin], (open) => {
  const one: Program = ({ ServiceAccountToken }) => new ServiceAccountToken("ci");

  it("ends its waits at the first Ctrl-C, with a reason and nothing pending", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    await stack.declare(one).up();
    atlas.failNext("revoke", 429, { retryAfter: 600 });

    const running = stack.destroy();
    await stack.printed("to revoke");
    stack.ctrlC();
    const run = await running;

    assert.deepEqual([run.succeeded, run.failed], [false, ["delete ci"]], run.output);
    assert.match(run.output, /ServiceAccountToken ci-\w+ [^]*aborted/);
    assert.ok((await stack.destroy()).succeeded);
    assert.deepEqual(scene.active(), [false]);
  });

  for (const [event, interrupt] of [
    ["after a second Ctrl-C", (stack: Stack) => stack.ctrlC()],
    ["after the engine was killed", (stack: Stack) => stack.killEngine()],
  ] as const) {
    it(`revokes what was issued for nobody ${event}`, async () => {
      const scene = await open();
      const { stack } = scene;
      scene.during("issue", async () => {
        stack.ctrlC();
        await stack.printed("^C received");
        interrupt(stack);
        // The token is issued once the engine has gone.
        await setTimeout(500);
      });

      const run = await stack.declare(one).up();

      assert.equal(run.succeeded, false);
      while (scene.requests().length < 2) await setTimeout(100);
      assert.deepEqual(
        [await stack.state(), scene.requests(), scene.active()],
        [[], ["issue 200", "revoke 200"], [false]],
      );
    });
  }

  it("takes an explicit provider, whose new secret changes no token and whose new client ID replaces it", async () => {
    const explicit: Program = ({ Provider, ServiceAccountToken }, account: Account) => {
      new ServiceAccountToken("ci", {}, { provider: new Provider("account", account) });
    };
    const first: Account = { clientId: "first-account", clientSecret: "the-first-secret" };
    const rotated: Account = { ...first, clientSecret: "the-first-secret-rotated" };
    const second: Account = { clientId: "second-account", clientSecret: "the-second-secret" };
    const clients = {
      [first.clientId]: [first.clientSecret, rotated.clientSecret],
      [second.clientId]: second.clientSecret,
    };
    const scene = await open({ clients });
    const { stack } = scene;
    scene.logOut();

    assert.ok((await stack.declare(explicit, first).up()).succeeded);
    const same = await stack.declare(explicit, rotated).up();
    assert.deepEqual([same.succeeded, same.did], [true, ["same ci"]], same.output);
    scene.atlas.setSecrets(first.clientId, [rotated.clientSecret]);
    const replaced = await stack.declare(explicit, second).up();
    assert.ok(replaced.did.includes("create-replacement ci"), replaced.output);
    scene.logIn(rotated);
    assert.ok((await stack.up()).succeeded);
    assert.ok((await stack.destroy()).succeeded);
    assert.ok(!scene.active().includes(true));
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
    scene.clockLagMs = 2 * 3600_000;

    for (let count = 0; count < 3; count++) assert.ok((await stack.declare(program).up()).succeeded);
    const destroyed = await stack.destroy();

    assert.ok(destroyed.succeeded, destroyed.output);
    assert.equal(scene.active().length, 6);
    assert.ok(!scene.active().includes(true), scene.requests().join("\n"));
  });
});
