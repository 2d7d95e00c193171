import assert from "node:assert/strict";

import { issueToken } from "pulumi-atlas-token/oauth";

import type { LogEntry } from "../../examples/local-atlas";
import { assertHidden, describeOnEngine, dynamic, fails, plugin, succeeds, type Fixture } from "./support/fixture";
import type { Program } from "./support/stack";

const accounts = {
  argument: { clientId: "argument-account", clientSecret: 'argument "secret" + of/ours' },
  config: { clientId: "config-account", clientSecret: "config secret + of/ours" },
  environment: { clientId: "environment-account", clientSecret: "environment secret + of/ours" },
};
const clients = Object.fromEntries(
  Object.values(accounts).map(({ clientId, clientSecret }) => [clientId, clientSecret]),
);

interface Values {
  readonly account: object;
  readonly existingToken: string;
  readonly release: number;
}

const program: Program = ({ ServiceAccountToken }, { account, existingToken, release }: Values) => {
  const keepers = { release };
  const { accessToken } = new ServiceAccountToken("by-argument", { ...account, keepers });
  new ServiceAccountToken("by-config", { keepers });
  new ServiceAccountToken("by-environment", { clientId: "environment-account", keepers });
  new ServiceAccountToken("adopted", { ...account, existingToken });
  return { token: accessToken };
};

/** The statuses of the next responses, each of which repeats what its request was sent with, as no server should. */
const statuses: number[] = [];

function echoNext({ atlas }: Fixture, { endpoint, clientId, token }: LogEntry): void {
  const status = statuses.shift();
  if (status === undefined) return;
  const secret = String(clients[clientId ?? ""]);
  const revoked = atlas.tokens().find(({ jti }) => jti === token?.name)?.token ?? "";
  const error_description = [secret, Buffer.from(`${clientId ?? ""}:${secret}`).toString("base64"), revoked].join(" ");
  atlas.failNext(endpoint, status, { body: { error: "invalid_grant", error_description } });
}

describeOnEngine("secrets", [dynamic, plugin], (open) => {
  // Whatever the operations print or store is searched for secrets when a scenario is over.
  it("stay hidden and encrypted in what up, preview and destroy print and store, also if Atlas repeats them", async () => {
    const fixture: Fixture = await open({ clients, before: (request) => echoNext(fixture, request) });
    const { stack, atlas } = fixture;
    fixture.logIn(accounts.environment);
    await fixture.configure(accounts.config);
    stack.env["PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT"] = "1ms";
    const { accessToken: existingToken } = await issueToken({ baseUrl: atlas.url, ...accounts.argument });
    const values = { existingToken, account: accounts.argument };

    await succeeds(stack.declare(program, { ...values, release: 1 }).up());
    for (const args of [
      ["preview", "--diff"],
      ["preview", "--json"],
      ["stack", "export"],
    ]) {
      const { output } = await succeeds(stack.pulumi(...args, "--stack", "test"));
      assertHidden([output], fixture.secrets());
    }
    statuses.push(400, 403, 500);
    const { failed } = await fails(stack.declare(program, { ...values, release: 2 }).up("--continue-on-error"));
    assert.equal(failed.length, 3);
    statuses.push(400, 401, 429, 503);
    assert.equal((await fails(stack.destroy("--continue-on-error"))).failed.length, 4);
    await succeeds(stack.destroy());

    const { clientSecret } = accounts.argument;
    const wrong: Program = ({ ServiceAccountToken }, args: object) => new ServiceAccountToken("wrong", args);
    const baseUrl = `https://user:${encodeURIComponent(clientSecret)}@example.com`;
    const refused = await fails(stack.declare(wrong, { baseUrl, clientSecrets: clientSecret }).preview());
    assert.match(refused.output, /baseUrl/);
  });
});
