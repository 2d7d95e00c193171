import assert from "node:assert/strict";

import { dynamic, plugin } from "./support/forms";
import { describeOnEngine, type Scene } from "./support/scene";
import type { Program, Run, StateResource } from "./support/stack";

const MINUTE = 60_000;
/** A replacement: dependants have the new token before the old one is revoked. */
const replaced = ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"];

const program: Program = ({ ServiceAccountToken, Consumer }) => {
  const { accessToken } = new ServiceAccountToken("ci");
  new Consumer("user", accessToken);
  return { token: accessToken };
};

function idsAndOutputs(state: readonly StateResource[]): unknown[] {
  return state.map(({ id, inputs, outputs }) => [id, inputs, outputs]);
}

describeOnEngine("a stack in which nothing changed", [dynamic, plugin], (open, form) => {
  async function openWithTokenOfAge(minutes: number): Promise<Scene> {
    const scene = await open();
    scene.clockLagMs = minutes * MINUTE;
    const run = await scene.stack.declare(program).up();
    assert.ok(run.succeeded, run.output);
    assert.deepEqual(run.did, ["create ci", "create user"]);
    scene.clockLagMs = 0;
    return scene;
  }

  function assertQuiet(run: Run): void {
    assert.deepEqual([run.succeeded, [...run.did].sort(), run.notes], [true, ["same ci", "same user"], []], run.output);
  }

  it("stays the same in previews and refreshes, also after export and import, and is destroyed in order", async () => {
    const scene = await openWithTokenOfAge(0);
    const { stack } = scene;
    const before = await stack.state();
    const ci = before.find(({ name }) => name === "ci")!;
    assert.equal(ci.type, form.type);
    assert.ok(ci.secretOutputs.includes("accessToken"));

    assertQuiet(await stack.preview("--expect-no-changes"));
    await stack.importState(await stack.exportState());
    assertQuiet(await stack.preview("--expect-no-changes"));
    assertQuiet(await stack.refresh("--expect-no-changes"));
    assert.deepEqual(idsAndOutputs(await stack.state()), idsAndOutputs(before));

    const destroyed = await stack.destroy();
    assert.deepEqual(destroyed.did, ["delete user", "delete ci"]);
    assert.deepEqual(scene.uses(), ["create: active", "delete: active"]);
    assert.deepEqual(scene.requests(), ["issue 200", "revoke 200"]);
  });

  it("has nothing to refresh while its token is due, and the next preview replaces it", async () => {
    const scene = await openWithTokenOfAge(55);
    const { stack } = scene;
    const before = await stack.state();

    for (const flags of [[], ["--run-program"]]) assertQuiet(await stack.refresh("--expect-no-changes", ...flags));

    assert.deepEqual(idsAndOutputs(await stack.state()), idsAndOutputs(before));
    const preview = await stack.preview();
    assert.deepEqual([preview.did, preview.notes.length], [replaced, 1], preview.output);
    assert.deepEqual(scene.requests(), ["issue 200"]);
  });

  for (const legacy of [false, true]) {
    it(`renews a due token in up --refresh${legacy ? " with PULUMI_ENABLE_LEGACY_REFRESH_DIFF" : ""}`, async () => {
      const scene = await openWithTokenOfAge(55);
      const { stack } = scene;
      if (legacy) stack.env["PULUMI_ENABLE_LEGACY_REFRESH_DIFF"] = "true";

      for (const operation of ["preview", "up"] as const) {
        const run = await stack[operation]("--refresh");

        assert.ok(run.succeeded, run.output);
        assert.deepEqual(run.did.slice(2), replaced);
        assert.equal(run.notes.length, 1, run.output);
      }
      assert.deepEqual(scene.active(), [false, true]);
    });
  }
});

describeOnEngine("a token that is due", [dynamic, plugin], (open, form) => {
  const rows = [
    { description: "within renewBefore", age: 55, uses: "update: active to active", revoked: true },
    { description: "expired for ten minutes", age: 70, uses: "update: inactive to active", revoked: false },
  ];
  for (const { description, age, uses, revoked } of rows) {
    it(`is shown with its reason and replaced before it is revoked: ${description}`, async () => {
      const scene = await open();
      const { stack } = scene;
      scene.clockLagMs = age * MINUTE;
      assert.ok((await stack.declare(program).up()).succeeded);
      scene.clockLagMs = 0;
      const before = await stack.state();

      const preview = await stack.preview();
      assert.deepEqual([preview.succeeded, preview.did], [true, replaced], preview.output);
      assert.match(preview.notes.join("\n"), /^ServiceAccountToken ci-\S+ expire.*replaced/);
      const place = form.name === "plugin" ? `${form.type} \\(ci\\)` : "pulumi:pulumi:Stack \\(scenario-test\\)";
      assert.match(preview.output, new RegExp(`^Diagnostics:\\n +${place}:\\n.*ServiceAccountToken ci-`, "m"));
      if (form.name === "plugin") assert.match(preview.output, /ServiceAccountToken ci +replace +\[diff: ~expiresAt\]/);
      assert.deepEqual(await stack.state(), before);
      assert.deepEqual(scene.requests(), ["issue 200"]);

      const up = await stack.up();
      assert.deepEqual([up.succeeded, up.did, up.notes[0]?.slice(0, 20)], [true, replaced, "ServiceAccountToken "]);
      assert.deepEqual(scene.uses(), ["create: active", uses]);
      assert.deepEqual(scene.active(), [false, true]);
      assert.deepEqual(scene.requests(), ["issue 200", "issue 200", ...(revoked ? ["revoke 200"] : [])]);
      const token = scene.atlas.tokens()[1]!.token;
      assert.deepEqual((await stack.outputs())["token"], token);
      assert.ok((await stack.preview("--expect-no-changes")).succeeded);
    });
  }

  it("stays in use when no new one can be issued, and the next up replaces it", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    scene.clockLagMs = 55 * MINUTE;
    await stack.declare(program).up();
    scene.clockLagMs = 0;
    const before = await stack.state();
    atlas.failNext("issue", 403, { body: { error: "access_denied", error_description: "Access Token limit reached" } });

    const refused = await stack.up();
    assert.deepEqual([refused.succeeded, refused.did, refused.failed], [false, [], ["create-replacement ci"]]);
    assert.match(
      refused.output,
      /access_denied \(403\)[^]*"?Access Token limit reached[^]*`deleteBeforeReplace: true`/,
    );
    assert.deepEqual(await stack.state(), before);

    const again = await stack.up();
    assert.deepEqual([again.succeeded, again.did], [true, replaced]);
    assert.deepEqual(scene.active(), [false, true]);
  });

  it("is shown with its reason in the preview's --diff and --json forms", async () => {
    const scene = await open();
    const { stack } = scene;
    scene.clockLagMs = 55 * MINUTE;
    await stack.declare(program).up();
    scene.clockLagMs = 0;

    const diff = await stack.preview("--diff");
    assert.match(diff.output, /ServiceAccountToken: \(replace\)/);
    assert.match(diff.output, /[-~] expiresAt/);
    assert.equal(diff.notes.length, 1);

    const { steps, diagnostics } = JSON.parse((await stack.preview("--json")).stdout) as JsonPreview;
    const step = steps.find(({ urn }) => urn.endsWith("::ci"));
    assert.deepEqual([step?.op, step?.replaceReasons], ["replace", ["expiresAt"]]);
    assert.match(diagnostics.map(({ message }) => message).join(""), /ServiceAccountToken ci-\S+ expires /);
  });
});

interface JsonPreview {
  readonly steps: readonly { readonly op: string; readonly urn: string; readonly replaceReasons?: readonly string[] }[];
  readonly diagnostics: readonly { readonly message: string }[];
}
