import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret } from "../../examples/local-atlas";
import { describeOnEngine, dynamic, plugin, succeeds } from "./support/fixture";
import type { Program } from "./support/stack";

const program: Program = ({ ServiceAccountToken, Consumer }, args: object) => {
  const { accessToken } = new ServiceAccountToken("ci", args);
  new Consumer("user", accessToken);
};

const replaced = ["create-replacement ci", "replace ci", "update user", "delete-replaced ci"];

describeOnEngine("a token with verify", [dynamic, plugin], (open, form) => {
  it("that was revoked behind Pulumi's back is drift, is replaced by the next up, and delays no destroy", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(program, { verify: true }).up());
    const quiet = await succeeds(
      form === plugin ? stack.preview("--expect-no-changes") : stack.refresh("--expect-no-changes"),
    );
    assert.deepEqual(quiet.notes, [], quiet.output);

    atlas.removeClient(defaultClientId);
    atlas.setSecrets(defaultClientId, [defaultClientSecret]);
    if (form === plugin) {
      const preview = await succeeds(stack.preview());
      assert.match(preview.output, /ci-\S+ was revoked outside Pulumi; it will be replaced/);
      assert.deepEqual(
        preview.did.filter((step) => !step.startsWith("refresh")),
        replaced,
        preview.output,
      );
    } else {
      const refresh = await succeeds(stack.refresh());
      assert.match(refresh.output, /ci-\S+ was revoked outside Pulumi; it will be replaced/);
      const preview = await succeeds(stack.preview());
      assert.deepEqual(preview.did, replaced, preview.output);
    }
    const up = await succeeds(stack.up());
    assert.deepEqual(
      up.did.filter((step) => !step.startsWith("refresh")),
      replaced,
      up.output,
    );
    assert.deepEqual(fixture.active(), [false, true]);

    atlas.failNext("status", 500, { times: 2 });
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.active(), [false, false]);
    // A later run of the dynamic form knows it from the state.
    const asked = form === plugin ? ["status 401", "status 401"] : ["status 401"];
    const ended = form === plugin ? ["status 500", "revoke 200"] : ["revoke 200"];
    const requests = ["issue 200", "status 200", ...asked, "issue 200", "revoke 200", ...ended];
    assert.deepEqual(fixture.requests(), requests);
  });
});
