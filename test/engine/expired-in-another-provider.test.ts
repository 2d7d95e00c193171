import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { describeOnEngine, dynamic, fails, succeeds } from "./support/fixture";
import type { Program } from "./support/stack";
import { addTokenUser } from "./support/token-user";

const program: Program = ({ pulumi, ServiceAccountToken }) => {
  const { accessToken } = new ServiceAccountToken("ci");
  const provider = new (class extends pulumi.ProviderResource {})("token-user", "atlas", { accessToken });
  new (class extends pulumi.CustomResource {})("token-user:index:Thing", "thing", {}, { provider });
};

describeOnEngine("a token in another provider's arguments, after it has expired", [dynamic], (open) => {
  it("makes destroy and refresh fail until an up has replaced it", async () => {
    const fixture = await open();
    const { stack } = fixture;
    addTokenUser(stack.folder);
    const plugins = "plugins: { providers: [{ name: token-user, path: ./token-user }] }\n";
    appendFileSync(join(stack.folder, "Pulumi.yaml"), plugins);
    fixture.clockLagMs = 2 * 3600_000;
    await succeeds(stack.declare(program).up());
    fixture.clockLagMs = 0;

    const withoutThem = (): ReturnType<typeof stack.up> => stack.declare(() => undefined).up();
    const operations = [
      () => stack.destroy(),
      () => stack.destroy("--run-program"),
      () => stack.refresh(),
      withoutThem,
    ];
    for (const operate of operations) {
      const { failed, output } = await fails(operate());
      assert.equal(failed[0]?.split(" ")[1], "thing", output);
      assert.match(output, /401 Unauthorized/);
    }

    await succeeds(stack.declare(program).up("--target", "**::ci", "--target", "**::atlas"));
    await succeeds(stack.destroy());
    assert.deepEqual([fixture.active(), await stack.state()], [[false, false], []]);
  });
});
