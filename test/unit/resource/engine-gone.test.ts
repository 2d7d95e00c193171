import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";

import { startLocalAtlas } from "../../../examples/local-atlas";
import { cleanEnv } from "../../support/clean-env";
import { environmentFor } from "../../support/environment-for";
import { within } from "../../support/within";

/** Issues two tokens, of which the rate limit lets one through at once, and revokes it. */
const HOST = `
  const host = require("./dist/dynamic/host");
  const issue = (name) => host.create({ name, clientId: process.env.MONGODB_ATLAS_CLIENT_ID, baseUrl: process.env.MONGODB_ATLAS_BASE_URL });
  (async () => {
    const { id, outs } = await issue("first");
    const error = await issue("second").catch((error) => error.message);
    await host.delete(id, outs);
    process.send(error);
  })();`;

describe("the provider host after the engine was killed", () => {
  it("finishes what it has begun, and issues no token that nobody would record", async () => {
    const atlas = await startLocalAtlas({ requestsPerWindow: 1, windowSeconds: 30 });
    try {
      const env = cleanEnv(environmentFor(atlas));
      const child = spawn(process.execPath, ["-e", HOST], { env, stdio: ["ignore", "ignore", "pipe", "ipc"] });
      // As when the engine ends, nobody reads what the host prints about the wait.
      child.stderr!.destroy();
      const message = within(50, "the end of the second token's creation", once(child, "message"));
      const [error] = (await message.finally(() => child.kill())) as [string];
      assert.match(error, /^ServiceAccountToken "second" was not created: aborted/);
      const requests = atlas.log().map(({ endpoint, status }) => `${endpoint} ${String(status)}`);
      assert.deepEqual(requests, ["issue 200", "issue 429", "revoke 200"]);
    } finally {
      await atlas.close();
    }
  });
});
