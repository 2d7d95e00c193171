import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";
import { issueToken } from "pulumi-atlas-token/oauth";

import type { LocalAtlas, LogEntry } from "../../examples/local-atlas";
import { forEachDriver } from "../support/open-stack";
import type { Stack } from "../support/stack";
import { configure, logIn, type Account } from "./support/accounts";
import { writeProgram } from "./support/program-file";
import { secretsIn, type Secrets } from "./support/secrets-in";
import { useLocalAtlas } from "./support/use-local-atlas";

const accounts = {
  input: { clientId: "input-account", clientSecret: 'input "secret" + of/ours' },
  config: { clientId: "config-account", clientSecret: "config secret + of/ours" },
  environment: { clientId: "environment-account", clientSecret: "environment secret + of/ours" },
} satisfies Record<string, Account>;
const controls = { input: "input-secret-of-control", config: "config-secret-of-control" };

/** Says back all that a request was sent with, as no server should. */
function echo(request: LogEntry, atlas: LocalAtlas): string {
  const { clientId = "", clientSecret = "" } =
    Object.values(accounts).find((account) => account.clientId === request.clientId) ?? {};
  const token = atlas.tokens().find(({ jti }) => jti === request.token?.name)?.token ?? "";
  return [clientSecret, Buffer.from(`${clientId}:${clientSecret}`).toString("base64"), token].join(" ");
}

describe("12: no secret stands in the state or in any output", () => {
  forEachDriver((driver) => {
    const start = useLocalAtlas();

    /** A stack with a secret in each place that may hold one. */
    async function openWithSecrets() {
      const statuses: number[] = [];
      const atlas = await start({
        clients: Object.fromEntries(
          Object.values(accounts).map(({ clientId, clientSecret }) => [clientId, clientSecret]),
        ),
        before(request) {
          const status = statuses.shift();
          const body = { error: "invalid_grant", error_description: echo(request, atlas) };
          if (status !== undefined) atlas.failNext(request.endpoint, status, { body });
        },
      });
      const stack = await driver.open();
      stack.env["MONGODB_ATLAS_BASE_URL"] = atlas.url;
      logIn(stack, accounts.environment);
      await configure(stack, accounts.config);
      const { accessToken: existing } = await issueToken({ baseUrl: atlas.url, ...accounts.input });
      const secrets = (): Secrets => ({
        ...Object.fromEntries(Object.entries(accounts).map(([place, { clientSecret }]) => [place, clientSecret])),
        ...Object.fromEntries(atlas.tokens().map(({ token }, index) => [`token ${index}`, token])),
      });
      return { atlas, stack, statuses, existing, secrets };
    }

    function programOf(existingToken: string, keepers: ServiceAccountTokenArgs["keepers"] = {}) {
      return () => {
        const { accessToken } = new ServiceAccountToken("by-input", { ...accounts.input, keepers });
        new ServiceAccountToken("by-config", { keepers });
        new ServiceAccountToken("by-environment", { clientId: accounts.environment.clientId, keepers });
        new ServiceAccountToken("adopted", { ...accounts.input, existingToken });
        return { token: accessToken };
      };
    }

    async function assertHidden(stack: Stack, output: string, secrets: Secrets): Promise<void> {
      assert.deepEqual(secretsIn(output, secrets), [], output);
      assert.deepEqual(secretsIn(await stack.exportText(), secrets), []);
    }

    it("when all goes well, and when Atlas refuses and repeats what it was sent", async () => {
      const { stack, statuses, existing, secrets } = await openWithSecrets();
      stack.env["PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT"] = "0";

      const up = await stack.up(programOf(existing));
      assert.ok(up.succeeded, up.output);
      await assertHidden(stack, up.output, secrets());

      statuses.push(400, 403, 500);
      const notIssued = await stack.up(programOf(existing, { release: 2 }), { continueOnError: true });
      assert.equal(notIssued.failed.length, 3);
      await assertHidden(stack, notIssued.output, secrets());

      statuses.push(400, 401, 429, 503);
      const notRevoked = await stack.destroy({ continueOnError: true });
      assert.equal(notRevoked.failed.length, 4);
      await assertHidden(stack, notRevoked.output, secrets());

      const destroyed = await stack.destroy();
      assert.ok(destroyed.succeeded, destroyed.output);
      await assertHidden(stack, destroyed.output, secrets());
    });

    it("when an argument is wrong", async () => {
      const { stack, secrets } = await openWithSecrets();
      const { clientSecret } = accounts.input;
      const wrong = {
        baseUrl: `https://user:${encodeURIComponent(clientSecret)}@example.com`,
        clientSecrets: clientSecret,
      };

      const run = await stack.preview(() => ({ token: new ServiceAccountToken("wrong", wrong).accessToken }));

      assert.equal(run.succeeded, false);
      assert.match(run.output, /has a problem: baseUrl must not contain credentials/);
      await assertHidden(stack, run.output, secrets());
    });

    if (driver.name === "engine") {
      it("in what the CLI writes, but for those logs in which Pulumi shows the secrets of any package", async () => {
        const { stack, secrets } = await openWithSecrets();
        const events = join(stack.folder, "events.json");
        // Only then does the CLI know --event-log.
        stack.env["PULUMI_DEBUG_COMMANDS"] = "true";
        await stack.setConfig("control:secret", controls.config, { secret: true });
        await writeProgram(stack, programFile);
        const shown = async (...args: string[]): Promise<{ ours: boolean; controls: boolean }> => {
          const { succeeded, stdout, stderr } = await stack.command!(args);
          assert.ok(succeeded, `pulumi ${args.join(" ")} failed`);
          const text = stdout + stderr + (args.includes(events) ? await readFile(events, "utf8") : "");
          return { ours: secretsIn(text, secrets()).length > 0, controls: secretsIn(text, controls).length > 0 };
        };

        for (const args of [
          ["up", "--yes"],
          ["preview", "--diff"],
          ["preview", "--json"],
          ["stack", "export"],
        ]) {
          assert.deepEqual(await shown(...args), { ours: false, controls: false }, args.join(" "));
        }
        assert.deepEqual(secretsIn(await stack.exportText(), { ...secrets(), ...controls }), []);

        const logs = [
          ["up", "--yes", "--json"],
          ["up", "--yes", "--debug"],
          ["preview", "--logtostderr", "-v=9"],
          ["preview", "--event-log", events],
        ];
        for (const args of logs) {
          assert.deepEqual(await shown(...args), { ours: true, controls: true }, args.join(" "));
        }
      });
    }
  });
});

/** Beside a token a resource of no package, which has a secret of its own. */
const programFile = `
  const pulumi = require("@pulumi/pulumi");
  const { ServiceAccountToken } = require("pulumi-atlas-token");
  const token = new ServiceAccountToken("ci", ${JSON.stringify(accounts.input)});
  const provider = { create: async (inputs) => ({ id: "control", outs: inputs }) };
  class Control extends pulumi.dynamic.Resource {}
  new Control(provider, "control", {
    given: pulumi.secret("${controls.input}"),
    configured: new pulumi.Config("control").requireSecret("secret"),
  });
  exports.token = token.accessToken;
`;
