import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { until } from "../support/within";
import { describeOnEngine, fails, plugin, succeeds, type Fixture } from "./support/fixture";
import { prepareScenario, type Program } from "./support/stack";
import { addTokenUser } from "./support/token-user";

const program: Program = ({ pulumi }, values: { waitFor?: string }) => {
  const token = pulumi.runtime.invokeOutput<{ accessToken: string }>("atlas-token:index:getEphemeralToken", {});
  const accessToken = token.apply((result) => result.accessToken);
  const options = { hideDiffs: ["accessToken"] };
  const provider = new (class extends pulumi.ProviderResource {})("token-user", "atlas", { accessToken }, options);
  new (class extends pulumi.CustomResource {})("token-user:index:Thing", "thing", values, { provider });
};

const project = plugin.project.replace("}]", "}, { name: token-user, path: ./token-user }]");

describeOnEngine("an ephemeral token in another provider's arguments", [plugin], (open) => {
  const openScenario = async (): Promise<Fixture> => {
    const fixture = await open({}, (folder) => {
      prepareScenario({ ...plugin, project })(folder);
      addTokenUser(folder);
    });
    fixture.stack.declare(program);
    return fixture;
  };
  /** Checks that the last commands issued so many tokens, and left none. */
  const assertIssued = (fixture: Fixture, tokens: number): void =>
    assert.deepEqual(fixture.active(), Array<boolean>(tokens).fill(false));

  it("is fresh for each command that runs the program, and revoked at its end", async () => {
    const fixture = await openScenario();
    const { stack } = fixture;
    const commands = [
      () => stack.preview(),
      () => stack.up(),
      () => stack.up(),
      () => stack.up("--refresh", "--run-program"),
      () => stack.refresh("--run-program"),
    ];
    for (const [index, operate] of commands.entries()) {
      const { output } = await succeeds(operate());
      assert.doesNotMatch(output, /accessToken/);
      assertIssued(fixture, index + 1);
    }

    for (const operate of [() => stack.destroy(), () => stack.refresh()])
      assert.match((await fails(operate())).output, /401 Unauthorized/);
    stack.env["PULUMI_RUN_PROGRAM"] = "true";
    await succeeds(stack.destroy());
    assertIssued(fixture, commands.length + 1);
  });

  it("stays active after Ctrl-C until the other provider is done with it", async () => {
    const fixture = await openScenario();
    const { stack } = fixture;
    const server = createServer((_request, response) => {
      stack.ctrlC();
      void stack.printed("^C received").then(() => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { did, failed } = await fails(stack.declare(program, { waitFor: `http://127.0.0.1:${port}` }).up());
    server.close();
    assert.deepEqual([did, failed], [["create thing"], []]);
    assertIssued(fixture, 1);
  });

  it("is revoked if the engine is killed", async () => {
    const fixture = await openScenario();
    const { stack } = fixture;
    const server = createServer(() => {
      void stack.killEngine();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await fails(stack.declare(program, { waitFor: `http://127.0.0.1:${port}` }).up());
    server.closeAllConnections();
    server.close();
    await until("the revocation", () => fixture.requests().includes("revoke 200"));
    assertIssued(fixture, 1);
  });

  it("that could not be revoked is a warning of a command that succeeds", async () => {
    const fixture = await openScenario();
    fixture.atlas.failNext("revoke", 403);
    const { output } = await succeeds(fixture.stack.up());
    const [expiresAt] = fixture.atlas.tokens().map((token) => token.expiresAt.toISOString().replace(".000", ""));
    assert.match(
      output,
      /^Diagnostics:\n.*\n {4}warning: The ephemeral token of this run was not revoked: access_denied/m,
    );
    assert.match(output, new RegExp(`The token is still active; it expires at ${expiresAt} \\(in `));
    assert.doesNotMatch(output, /exited prematurely/);
  });
});
