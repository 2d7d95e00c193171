import assert from "node:assert/strict";

import { describeOnEngine, dynamic, fails, plugin, succeeds } from "./support/fixture";
import type { Program, Run } from "./support/stack";

const MINUTE = 60_000;
/** A replacement: dependants have the new token before the old one is revoked. */
const replaced = ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"];
const limit = { error: "access_denied", error_description: "Access Token limit reached" };

const program: Program = ({ ServiceAccountToken, Consumer }, args: object) => {
  const { accessToken } = new ServiceAccountToken("ci", args);
  new Consumer("user", accessToken);
  return { token: accessToken };
};

async function succeedsQuietly(running: Promise<Run>): Promise<void> {
  const { did, notes, output } = await succeeds(running);
  assert.deepEqual([[...did].sort(), notes], [["same ci", "same user"], []], output);
}

describeOnEngine("a token", [dynamic, plugin], (open, form) => {
  it("that is due is no drift, is shown with its reason, stays in use while none is issued, and is replaced", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    fixture.clockLagMs = 55 * MINUTE;
    assert.deepEqual((await succeeds(stack.declare(program).up())).did, ["create ci", "create user"]);
    fixture.clockLagMs = 0;
    const before = await stack.state();

    for (const flags of [[], ["--run-program"]]) await succeedsQuietly(stack.refresh("--expect-no-changes", ...flags));

    const preview = await succeeds(stack.preview());
    assert.deepEqual([preview.did, preview.notes.length], [replaced, 1], preview.output);
    assert.match(preview.notes[0]!, /^ServiceAccountToken ci-\S+ expires .*replaced/);
    const place = form === plugin ? `${form.type} \\(ci\\)` : "pulumi:pulumi:Stack \\(scenario-test\\)";
    assert.match(preview.output, new RegExp(`^Diagnostics:\\n +${place}:\\n.*ServiceAccountToken ci-`, "m"));
    if (form === plugin) assert.match(preview.output, /ServiceAccountToken ci +replace +\[diff: ~expiresAt\]/);

    const diff = await succeeds(stack.preview("--diff"));
    assert.match(diff.output, /ServiceAccountToken: \(replace\)[^]*[-~] expiresAt/);
    atlas.failNext("issue", 403, { body: limit });
    const refused = await fails(stack.up());
    assert.deepEqual([refused.did, refused.failed], [[], ["create-replacement ci"]]);
    assert.match(refused.output, /access_denied \(403\)[^]*Access Token limit reached[^]*`deleteBeforeReplace: true`/);
    assert.deepEqual([await stack.state(), fixture.active()], [before, [true]]);

    stack.env["PULUMI_ENABLE_LEGACY_REFRESH_DIFF"] = "true";
    assert.deepEqual((await succeeds(stack.preview("--refresh"))).did.slice(2), replaced);
    delete stack.env["PULUMI_ENABLE_LEGACY_REFRESH_DIFF"];
    const up = await succeeds(stack.up("--refresh"));
    assert.deepEqual([up.did.slice(2), up.notes.length], [replaced, 1], up.output);
    assert.deepEqual(fixture.uses(), ["create: active", "update: active to active"]);
    assert.deepEqual(fixture.requests(), ["issue 200", "issue 403", "issue 200", "revoke 200"]);
    assert.equal((await stack.outputs())["token"], atlas.tokens()[1]!.token);
  });

  it("that is not due stays the same, is replaced if it has expired, and is destroyed after its dependants", async () => {
    const fixture = await open();
    const { stack } = fixture;
    await succeeds(stack.declare(program).up());
    const before = await stack.state();
    const ci = before.find(({ name }) => name === "ci")!;
    assert.deepEqual([ci.type, ci.secretOutputs], [form.type, ["accessToken"]]);

    await succeedsQuietly(stack.preview("--expect-no-changes"));
    await stack.importState(await stack.exportState());
    await succeedsQuietly(stack.refresh("--expect-no-changes"));
    await succeedsQuietly(stack.preview("--expect-no-changes"));
    const outputs = (state: typeof before): unknown[] => state.map((resource) => [resource.id, resource.outputs]);
    assert.deepEqual(outputs(await stack.state()), outputs(before));

    fixture.clockLagMs = 70 * MINUTE;
    assert.deepEqual((await succeeds(stack.declare(program, { keepers: { release: 2 } }).up())).did, replaced);
    fixture.clockLagMs = 0;
    // A destroy hands a dependant the token in the state, even one that has expired.
    await succeeds(stack.destroy("--target", "**::user"));
    const up = await succeeds(stack.up());
    const recreated = ["create-replacement ci", "replace ci", "create user", "delete-replaced ci"];
    assert.deepEqual([up.did, up.notes.length], [recreated, 2], up.output);
    assert.match(up.notes.join("\n"), /^ServiceAccountToken ci-\S+ expired .*replaced\n.* no revocation was needed/);

    assert.deepEqual((await succeeds(stack.destroy())).did, ["delete user", "delete ci"]);
    const uses = ["create: active", "update: active to active", "delete: inactive", "create: active", "delete: active"];
    assert.deepEqual(fixture.uses(), uses);
    const requests = ["issue 200", "issue 200", "revoke 200", "issue 200", "revoke 200"];
    assert.deepEqual(fixture.requests(), requests);
  });
});
