import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { issueToken } from "pulumi-atlas-token/oauth";

import type { LogEntry } from "../../examples/local-atlas";
import { formsOf } from "../support/oauth/credentials";
import { dynamic, plugin } from "./support/forms";
import { assertHidden, describeOnEngine, type Scene } from "./support/scene";
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
  readonly keepers?: Record<string, unknown>;
}

const program: Program = ({ pulumi, ServiceAccountToken }, { account, existingToken, secret, keepers }: Values) => {
  const { accessToken } = new ServiceAccountToken("by-argument", { ...account, ...(keepers && { keepers }) });
  new ServiceAccountToken("by-config", { ...(keepers && { keepers }) });
  new ServiceAccountToken("by-environment", { clientId: "environment-account", ...(keepers && { keepers }) });
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
  async function openWithSecrets(): Promise<{ scene: Scene; values: Values }> {
    const scene: Scene = await open({ clients, before: (request) => echoNext(scene, request) });
    scene.logIn(accounts.environment);
    await scene.configure(accounts.config);
    scene.stack.env["PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT"] = "1ms";
    const baseUrl = scene.atlas.url;
    const { accessToken: existingToken } = await issueToken({ baseUrl, ...accounts.argument });
    return { scene, values: { existingToken, account: accounts.argument, secret: control } };
  }

  // Whatever is printed or stored is searched for secrets when a scenario is over.
  it("stay hidden when everything succeeds, and when Atlas refuses and repeats what it was sent", async () => {
    const { scene, values } = await openWithSecrets();
    const { stack } = scene;
    assert.ok((await stack.declare(program, values).up()).succeeded);
    statuses.push(400, 403, 500);
    stack.declare(program, { ...values, keepers: { release: 2 } });
    assert.equal((await stack.up("--continue-on-error")).failed.length, 3);
    statuses.push(400, 401, 429, 503);
    assert.equal((await stack.destroy("--continue-on-error")).failed.length, 4);
    assert.ok((await stack.destroy()).succeeded);
    assertHidden([stack.stored()], [...scene.secrets(), control]);
  });

  it("stay hidden when an argument is wrong", async () => {
    const { scene } = await openWithSecrets();
    const secret = accounts.argument.clientSecret;
    const wrong: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("wrong", args);
    const baseUrl = `https://user:${encodeURIComponent(secret)}@example.com`;

    const run = await scene.stack.declare(wrong, { baseUrl, clientSecrets: secret }).preview();

    assert.equal(run.succeeded, false);
    assert.match(run.output, /baseUrl/);
  });

  it("stay hidden in what the CLI writes, except in the logs that show the secrets of any package", async () => {
    const { scene, values } = await openWithSecrets();
    const { stack } = scene;
    const events = join(stack.folder, "events.json");
    await stack.declare(program, values).up();

    for (const args of [
      ["preview", "--diff"],
      ["preview", "--json"],
      ["stack", "export"],
    ]) {
      const { succeeded, output } = await stack.pulumi(...args, "--stack", "test");
      assert.ok(succeeded, output);
      assertHidden([output], [...scene.secrets(), control]);
    }
    for (const args of [["--debug"], ["--event-log", events]]) {
      const { output } = await stack.pulumi("preview", ...args, "--stack", "test");
      const text = output + (args.includes(events) ? readFileSync(events, "utf8") : "");
      const shown = (secret: string): boolean => formsOf(secret).some((form) => text.includes(form));
      assert.deepEqual([accounts.argument.clientSecret, control].map(shown), [true, true], args[0]);
    }
  });
});

describeOnEngine("the audit log", [dynamic, plugin], (open) => {
  it("has one line for each token that up, rotation and destroy issue, revoke or fail to", async () => {
    const scene = await open();
    const { stack, atlas } = scene;
    const file = join(stack.folder, "audit.log");
    stack.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] = file;
    const rotating: Program = ({ ServiceAccountToken }, keepers: Record<string, unknown>) =>
      new ServiceAccountToken("ci", { keepers });

    await stack.declare(rotating, { release: 1 }).up();
    await stack.declare(rotating, { release: 2 }).up();
    atlas.failNext("revoke", 403);
    await stack.destroy();
    await stack.destroy();

    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      events.map(({ event, status }) => `${String(event)} ${String(status)}`),
      ["issued 200", "issued 200", "revoked 200", "revoke_failed 403", "revoked 200"],
    );
    assert.ok(
      events.every(({ resourceId }) => /^ci-\w+$/.test(String(resourceId))),
      lines.join("\n"),
    );
    // Which tokens of this stack are not revoked? None: each hash that was issued was revoked.
    const hashes = (of: string) =>
      new Set(events.filter(({ event }) => event === of).map((event) => event["tokenSha256"]));
    assert.deepEqual([hashes("revoked"), hashes("revoked").size], [hashes("issued"), 2]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assertHidden(lines, scene.secrets());
  });

  it("that cannot be written is one warning and fails nothing", async () => {
    const { stack } = await open();
    stack.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] = stack.folder;
    const two: Program = ({ ServiceAccountToken }) => {
      new ServiceAccountToken("first");
      new ServiceAccountToken("second");
    };

    const run = await stack.declare(two).up();

    assert.ok(run.succeeded, run.output);
    assert.ok(run.output.includes(stack.folder), run.output);
  });
});

describeOnEngine("two stacks at once with one service account", [dynamic], (open) => {
  it("both get through the rate limit, and each revokes its own tokens", async () => {
    const four: Program = ({ ServiceAccountToken }) => {
      for (let index = 0; index < 4; index++) new ServiceAccountToken(`token-${index}`);
    };
    // Fewer requests than either stack needs by itself, so that it is reached whatever their pace.
    const scene = await open({ requestsPerWindow: 3, windowSeconds: 1 });
    const stacks = [scene.stack, await scene.openStack()];

    for (const run of await Promise.all(stacks.map((stack) => stack.declare(four).up()))) {
      assert.ok(run.succeeded, run.output);
    }
    assert.ok(scene.requests().includes("issue 429"));
    assert.ok((await stacks[0]!.destroy()).succeeded);
    assert.equal(scene.active().filter(Boolean).length, 4);
    assert.ok((await stacks[1]!.destroy()).succeeded);
    assert.ok(!scene.active().includes(true));
  });
});
