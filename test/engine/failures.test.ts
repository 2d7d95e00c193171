import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";

import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../../examples/local-atlas";
import { run as breakGlass } from "../../examples/break-glass/run";
import { environmentFor } from "../support/environment-for";
import { assertHidden, describeOnEngine, dynamic, fails, plugin, succeeds } from "./support/fixture";
import type { Program } from "./support/stack";

const oneToken: Program = ({ ServiceAccountToken, Consumer }, release: number) => {
  const { accessToken } = new ServiceAccountToken("ci", { keepers: { release } });
  new Consumer("user", accessToken);
  return { token: accessToken };
};
const unusable = { body: { access_token: "an-unusable-token", token_type: "mac", expires_in: 3600 } };

describeOnEngine("a token that Atlas does not revoke", [dynamic, plugin], (open) => {
  it("stays in the state with a typed error, and the next destroy waits, retries and revokes it", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    const auditLog = join(stack.folder, "audit.log");
    stack.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] = auditLog;
    await succeeds(stack.declare(oneToken, 1).up());
    const ci = (await stack.state()).find(({ name }) => name === "ci")!;
    atlas.failNext("revoke", 403);

    const refused = await fails(stack.destroy());
    assert.deepEqual([refused.did, refused.failed], [["delete user"], ["delete ci"]]);
    assert.match(refused.output, new RegExp(`error: ServiceAccountToken ${ci.id} [^]*access_denied \\(403\\)`));
    assert.match(refused.output, /still active[^]*`pulumi destroy`/);
    assert.doesNotMatch(refused.output, /^ +at .*\.js/m);
    assert.deepEqual(await stack.state(), [ci]);

    atlas.failNext("revoke", 503, { retryAfter: 0 });
    const destroyed = await succeeds(stack.destroy());
    assert.match(destroyed.output, /1 token to revoke/);
    assert.deepEqual(fixture.requests(), ["issue 200", "revoke 403", "revoke 503", "revoke 200"]);

    const lines = readFileSync(auditLog, "utf8").trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, string>);
    const recorded = events.map(({ event, resourceId, status }) => `${event} ${resourceId} ${status}`);
    assert.deepEqual(recorded, [`issued ${ci.id} 200`, `revoke_failed ${ci.id} 403`, `revoked ${ci.id} 200`]);
    assert.equal(new Set(events.map(({ tokenSha256 }) => tokenSha256)).size, 1, lines.join("\n"));
    assertHidden(lines, fixture.secrets());
  });

  it("is named with its replacement, and revoked by the next up or by break glass", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(oneToken, 1).up());
    atlas.failNext("revoke", 403);

    const refused = await fails(stack.declare(oneToken, 2).up());
    assert.deepEqual(refused.failed, ["delete-replaced ci"]);
    const state = (await stack.state()).filter(({ name }) => name === "ci");
    const [old, replacement] = atlas.tokens();
    const inState = state.flatMap(({ outputs, delete: isOld }) => [outputs["accessToken"], isOld]);
    assert.deepEqual(inState, [replacement?.token, undefined, old?.token, true]);
    assert.match(refused.output, new RegExp(`${state[1]?.id} [^]*403[^]*${state[0]?.id}[^]*\`pulumi up\``));
    const rest = ["same ci", "same user", "delete-replaced ci"];
    assert.deepEqual((await stack.preview()).did, rest);
    assert.deepEqual((await succeeds(stack.up())).did, rest);
    assert.deepEqual([fixture.active(), fixture.uses().at(-1)], [[false, true], "update: active to active"]);

    for (const release of [3, 4]) {
      atlas.failNext("revoke", 403);
      await fails(stack.declare(oneToken, release).up());
    }
    let report = "";
    const code = await breakGlass([], {
      stdin: Readable.from([Buffer.from(JSON.stringify(await stack.exportState()))]),
      print: (text) => (report += text),
      log: (line) => (report += line),
      color: false,
      env: environmentFor(atlas),
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
    assert.equal(code, 0, report);
    assert.match(report, /\n\n2 revoked\n$/);
    assert.deepEqual(fixture.active(), [false, false, false, false]);
  });
});

/** Two tokens, of which the second is revoked first. */
const twoTokens: Program = ({ ServiceAccountToken }, { baseUrls }: { baseUrls: readonly [string, string] }) => {
  const first = new ServiceAccountToken("first", { baseUrl: baseUrls[0] });
  new ServiceAccountToken("second", { baseUrl: baseUrls[1] }, { dependsOn: first });
};

describeOnEngine("an active token that a clock two hours fast calls expired", [dynamic, plugin], (open) => {
  it("is revoked after a response that does not tell the time", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    fixture.clockLagMs = 2 * 3600_000;
    await succeeds(stack.declare(twoTokens, { baseUrls: [atlas.url, atlas.url] }).up());

    atlas.failNext("revoke", 503, { retryAfter: 0, headers: { date: "" } });
    await succeeds(stack.destroy());
    assert.deepEqual(fixture.requests().slice(2), ["revoke 503", "revoke 200", "revoke 200"]);
    assert.deepEqual(fixture.active(), [false, false]);
  });

  it("is revoked after a response of another host, whose clock is as fast", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    const fast = await startLocalAtlas({ clients: { [defaultClientId]: defaultClientSecret } });
    try {
      fixture.clockLagMs = 2 * 3600_000;
      await succeeds(stack.declare(twoTokens, { baseUrls: [atlas.url, fast.url] }).up());

      const { did } = await succeeds(stack.destroy());
      assert.deepEqual(did, ["delete second", "delete first"]);
      assert.deepEqual([fixture.requests(), fixture.active()], [["issue 200", "revoke 200"], [false]]);
      assert.equal(fast.tokens()[0]?.active, false);
    } finally {
      await fast.close();
    }
  });
});

describeOnEngine("a token that is issued but unusable", [dynamic, plugin], (open) => {
  it("is stored as incomplete if it cannot be revoked, its forerunner stays in use, the next up revokes both", async () => {
    const fixture = await open();
    const { stack, atlas } = fixture;
    await succeeds(stack.declare(oneToken, 1).up());
    atlas.failNext("issue", 200, unusable);
    atlas.failNext("revoke", 403);

    const failing = await fails(stack.declare(oneToken, 2).up());
    assert.deepEqual(failing.failed, ["create-replacement ci"]);
    const stored = (await stack.state()).find(({ initErrors }) => initErrors !== undefined)!;
    assert.deepEqual([stored.outputs["incomplete"], stored.outputs["accessToken"]], [true, "an-unusable-token"]);
    assert.deepEqual([stored.secretOutputs, stored.initErrors?.length], [["accessToken"], 1]);
    assert.match(failing.output, new RegExp(`ServiceAccountToken ${stored.id} .*mac`));
    assert.ok(!(failing.output + stack.stored()).includes("an-unusable-token"));
    assert.equal((await stack.outputs())["token"], atlas.tokens()[0]?.token);

    await succeeds(stack.refresh());
    const again = await succeeds(stack.up());
    assert.equal(again.did.filter((step) => step === "delete-replaced ci").length, 2, again.output);
    assert.equal(again.notes.length, 1);
    assert.equal((await stack.outputs())["token"], atlas.tokens()[1]?.token);
    const requests = ["issue 200", "issue 200", "revoke 403", "issue 200", "revoke 200", "revoke 200"];
    assert.deepEqual([fixture.active(), fixture.requests()], [[false, true], requests]);
    await succeeds(stack.preview("--expect-no-changes"));
  });
});
