import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Deployment, Stack } from "../support/stack";
import { logOut } from "./support/accounts";
import { Consumer, usesOf } from "./support/consumer";
import { Interruption } from "./support/interruption";
import { writeProgram } from "./support/program-file";
import { useScene } from "./support/scene";
import { actives, answers } from "./support/seen-by-atlas";
import { did } from "./support/steps";

/** Two tokens, one after the other. */
function program() {
  const first = new ServiceAccountToken("first");
  new ServiceAccountToken("second", {}, { dependsOn: first });
  return undefined;
}
const programFile = `
  const { ServiceAccountToken } = require("pulumi-atlas-token");
  const first = new ServiceAccountToken("first");
  new ServiceAccountToken("second", {}, { dependsOn: first });
`;

async function names(stack: Stack): Promise<string[]> {
  return (await stack.state()).map((resource) => `${resource.name}${resource.delete ? " (replaced)" : ""}`);
}

describe("11: one Ctrl-C", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    async function openToInterrupt() {
      const interruption = new Interruption();
      const scene = await open({ before: interruption.before });
      return { ...scene, interruption };
    }

    it("while a token is issued has it recorded and nothing more begun, and the next up goes on", async () => {
      const { atlas, stack, interruption } = await openToInterrupt();

      const interrupted = await stack.up(program, interruption.at("issue"));

      assert.deepEqual([interrupted.succeeded, did(interrupted)], [false, ["create first"]]);
      assert.match(interrupted.output, /error: update canceled/);
      assert.deepEqual([await names(stack), actives(atlas)], [["first"], [true]]);
      assert.equal((await stack.state())[0]?.outputs["accessToken"], atlas.tokens()[0]?.token);

      const again = await stack.up(program);

      assert.deepEqual([again.succeeded, did(again)], [true, ["same first", "create second"]]);
      assert.deepEqual(answers(atlas, "issue"), [200, 200]);
    });

    it("while a replacement is issued leaves the old token active until the next up has updated its dependants", async () => {
      const { atlas, stack, interruption } = await openToInterrupt();
      const rotating = (release: number) => () => {
        const { accessToken } = new ServiceAccountToken("ci", { keepers: { release } });
        new Consumer("user", accessToken, atlas);
        return undefined;
      };
      await stack.up(rotating(1));

      const interrupted = await stack.up(rotating(2), interruption.at("issue"));

      assert.deepEqual([interrupted.succeeded, did(interrupted)], [false, ["create-replacement ci"]]);
      assert.deepEqual(
        [await names(stack), actives(atlas)],
        [
          ["ci", "ci (replaced)", "user"],
          [true, true],
        ],
      );

      const again = await stack.up(rotating(2));

      assert.deepEqual([again.succeeded, did(again)], [true, ["same ci", "update user", "delete-replaced ci"]]);
      assert.deepEqual(
        [await names(stack), actives(atlas)],
        [
          ["ci", "user"],
          [false, true],
        ],
      );
      assert.deepEqual(usesOf(stack), ["create: active", "update: active to active"]);
    });

    it("while a token is revoked has it forgotten and the others kept, and the next destroy goes on", async () => {
      const { atlas, stack, interruption } = await openToInterrupt();
      await stack.up(program);

      const interrupted = await stack.destroy(interruption.at("revoke"));

      // As if all was well, and with words to that effect: nobody but the state tells the difference.
      assert.equal(interrupted.succeeded, true);
      assert.deepEqual(did(interrupted), ["delete second"]);
      assert.deepEqual([await names(stack), actives(atlas)], [["first"], [true, false]]);

      const again = await stack.destroy();

      assert.deepEqual([again.succeeded, did(again)], [true, ["delete first"]]);
      assert.deepEqual([await names(stack), actives(atlas)], [[], [false, false]]);
      assert.deepEqual(answers(atlas, "revoke"), [200, 200]);
    });

    it("while a token is revoked makes a destroy fail that runs the program, where some are left", async () => {
      const { stack, interruption } = await openToInterrupt();
      await stack.up(program);

      const interrupted = await stack.destroy({ ...interruption.at("revoke"), program });

      assert.equal(interrupted.succeeded, false);
      assert.match(interrupted.output, /error: (update|context) canceled/);
      assert.deepEqual(await names(stack), ["first"]);
    });

    if (driver.name === "engine") {
      it("in a terminal, which all processes of `pulumi up` get, does not end the one that issues", async () => {
        const { atlas, stack, interruption } = await openToInterrupt();
        await writeProgram(stack, programFile);

        const { succeeded, stdout } = await stack.command!(["up", "--yes", "--skip-preview"], interruption.at("issue"));

        assert.equal(succeeded, false);
        assert.match(stdout, /error: update canceled/);
        assert.deepEqual([await names(stack), actives(atlas)], [["first"], [true]]);
      });

      const endings = [
        { command: "pulumi destroy", flags: [], succeeds: true },
        { command: "pulumi destroy --remove", flags: ["--remove"], succeeds: false },
      ];
      for (const { command, flags, succeeds } of endings) {
        const claim = succeeds ? "claims success" : "fails";
        it(`in a terminal does not end the process that revokes, and \`${command}\` ${claim} where some are left`, async () => {
          const { atlas, stack, interruption } = await openToInterrupt();
          await writeProgram(stack, programFile);
          await stack.up(program);

          const run = await stack.command!(["destroy", "--yes", "--skip-preview", ...flags], interruption.at("revoke"));

          assert.equal(run.succeeded, succeeds);
          assert.equal(run.stdout.includes("The resources in the stack have been deleted"), succeeds);
          assert.equal(run.stderr.includes("it still contains resources"), !succeeds);
          assert.deepEqual([await names(stack), actives(atlas)], [["first"], [true, false]]);
        });
      }
    }
  });
});

describe("11: a destroy hours later", () => {
  forEachDriver((driver) => {
    const open = useScene(driver);

    it("needs neither Atlas nor credentials", async () => {
      const { atlas, stack } = await open();
      await stack.up(program);
      await stack.importState(expired(await stack.exportState(), 6 * 60));
      await atlas.close();
      logOut(stack);

      const run = await stack.destroy();

      assert.deepEqual([run.succeeded, did(run)], [true, ["delete second", "delete first"]]);
      assert.deepEqual(await stack.state(), []);
      assert.deepEqual(answers(atlas, "revoke"), []);
    });

    it("asks Atlas as long as a clock could be wrong about the expiry", async () => {
      const { atlas, stack } = await open();
      await stack.up(program);
      await stack.importState(expired(await stack.exportState(), 4));

      const run = await stack.destroy();

      assert.ok(run.succeeded, run.output);
      assert.deepEqual(answers(atlas, "revoke"), [200, 200]);
    });
  });
});

/** The state as it would be if its tokens had expired some minutes ago. */
function expired(state: Deployment, minutes: number): Deployment {
  const text = JSON.stringify(state);
  const expiresAt = new Date(Date.now() - minutes * 60_000).toISOString();
  return JSON.parse(text.replace(/("expiresAt":)"[^"]+"/g, `$1"${expiresAt}"`)) as Deployment;
}
