import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { issueToken } from "pulumi-atlas-token/oauth";

import type { LogEntry } from "../../examples/local-atlas";
import { formsOf } from "../support/oauth/credentials";
import { assertHidden, describeOnEngine, dynamic, fails, plugin, succeeds, type Scene } from "./support/scene";
import type { Program } from "./support/stack";

const accounts = {
  argument: { clientId: "argument-account", clientSecret: 'argument "secret" + of/ours' },
  config: { clientId: "config-account", clientSecret: "config secret + of/ours" },
  environment: { clientId: "environment-account", clientSecret: "environment secret + of/ours" },
};
const clients = Object.fromEntries(
  Object.values(accounts).map(({ clientId, clientSecret }) => [clientId, clientSecret]),
);
/** A secret of a resource of no package: what shows it shows the secrets of any package. */
const control = "the-secret-of-a-control";

interface Values {
  readonly account: object;
  readonly existingToken: string;
  readonly secret: string;
  readonly release: number;
}

const program: Program = ({ pulumi, ServiceAccountToken }, { account, existingToken, secret, release }: Values) => {
  const keepers = { release };
  const { accessToken } = new ServiceAccountToken("by-argument", { ...account, keepers });
  new ServiceAccountToken("by-config", { keepers });
  new ServiceAccountToken("by-environment", { clientId: "environment-account", keepers });
  new ServiceAccountToken("adopted", { ...account, existingToken });
  class Control extends pulumi.dynamic.Resource {}
  const outs = { create: (inputs: object) => Promise.resolve({ id: "control", outs: inputs }) };
  new Control(outs, "control", { given: pulumi.secret(secret) });
  return { token: accessToken };
};

/** The statuses of the next responses, each of which repeats what its request was sent with, as no server should. */
const statuses: number[] = [];

function echoNext({ atlas }: Scene, { endpoint, clientId, token }: LogEntry): void {
  const status = statuses.shift();
  if (status === undefined) return;
  const secret = String(clients[clientId ?? ""]);
  const revoked = atlas.tokens().find(({ jti }) => jti === token?.name)?.token ?? "";
  const error_description = [secret, Buffer.from(`${clientId ?? ""}:${secret}`).toString("base64"), revoked].join(" ");
  atlas.failNext(endpoint, status, { body: { error: "invalid_grant", error_description } });
}

describeOnEngine("secrets", [dynamic, plugin], (open) => {
  // Whatever the operations print or store is searched for secrets when a scenario is over.
  it("stay hidden and encrypted, also if Atlas repeats them, except in logs that show those of any package", async () => {
    const scene: Scene = await open({ clients, before: (request) => echoNext(scene, request) });
    const { stack, atlas } = scene;
    scene.logIn(accounts.environment);
    await scene.configure(accounts.config);
    stack.env["PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT"] = "1ms";
    const { accessToken: existingToken } = await issueToken({ baseUrl: atlas.url, ...accounts.argument });
    const values = { existingToken, account: accounts.argument, secret: control };

    await succeeds(stack.declare(program, { ...values, release: 1 }).up());
    for (const args of [
      ["preview", "--diff"],
      ["preview", "--json"],
      ["stack", "export"],
    ]) {
      const { output } = await succeeds(stack.pulumi(...args, "--stack", "test"));
      assertHidden([output], [...scene.secrets(), control]);
    }
    const events = join(stack.folder, "events.json");
    for (const args of [["--debug"], ["--event-log", events]]) {
      const { output } = await stack.pulumi("preview", ...args, "--stack", "test");
      const text = args.includes(events) ? readFileSync(events, "utf8") : output;
      const shown = (secret: string): boolean => formsOf(secret).some((form) => text.includes(form));
      assert.deepEqual([accounts.argument.clientSecret, control].map(shown), [true, true], args[0]);
    }

    statuses.push(400, 403, 500);
    const { failed } = await fails(stack.declare(program, { ...values, release: 2 }).up("--continue-on-error"));
    assert.equal(failed.length, 3);
    statuses.push(400, 401, 429, 503);
    assert.equal((await fails(stack.destroy("--continue-on-error"))).failed.length, 4);
    await succeeds(stack.destroy());
    assertHidden([stack.stored()], [control]);

    const { clientSecret } = accounts.argument;
    const wrong: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("wrong", args);
    const baseUrl = `https://user:${encodeURIComponent(clientSecret)}@example.com`;
    assert.match(
      (await fails(stack.declare(wrong, { baseUrl, clientSecrets: clientSecret }).preview())).output,
      /baseUrl/,
    );
  });
});

describeOnEngine("the audit log", [dynamic, plugin], (open) => {
  it("has one line for each token that up, rotation and destroy issue, revoke or fail to", async () => {
    const rotating: Program = ({ ServiceAccountToken }, release: number) =>
      new ServiceAccountToken("ci", { keepers: { release } });
    const scene = await open();
    const { stack, atlas } = scene;
    const file = join(stack.folder, "audit.log");
    stack.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] = file;

    for (const release of [1, 2]) await succeeds(stack.declare(rotating, release).up());
    atlas.failNext("revoke", 403);
    await fails(stack.destroy());
    await succeeds(stack.destroy());

    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, string>);
    const summary = events.map(({ event, status }) => `${event} ${status}`);
    assert.deepEqual(summary, ["issued 200", "issued 200", "revoked 200", "revoke_failed 403", "revoked 200"]);
    for (const { resourceId } of events) assert.match(resourceId!, /^ci-\w+$/);
    // Which tokens of this stack are not revoked? None: each hash that was issued was revoked.
    const hashes = (of: string) => events.filter(({ event }) => event === of).map((event) => event["tokenSha256"]);
    assert.deepEqual(hashes("revoked"), hashes("issued"));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assertHidden(lines, scene.secrets());
  });
});
