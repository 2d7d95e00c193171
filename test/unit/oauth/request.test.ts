import assert from "node:assert/strict";

import { DEFAULT_TIMEOUTS } from "../../../provider/oauth/client-settings";
import { send } from "../../../provider/oauth/request";
import { FakeClock } from "../../support/fake-clock";
import { contract, endpoints } from "../../support/oauth/contract";
import { credentials } from "../../support/oauth/fake-calls";
import { useScriptedServer } from "../../support/oauth/scripted-server";

describe("send", () => {
  const server = useScriptedServer();

  for (const endpoint of endpoints) {
    it(`sends nothing once the caller has ended the call: ${endpoint}`, async () => {
      const clock = new FakeClock();
      const request = { endpoint, origin: server().baseUrl, ...credentials, form: {} };
      const result = await send(request, { signal: AbortSignal.abort(), timeouts: DEFAULT_TIMEOUTS, clock });
      assert.deepEqual(result, { failure: { code: "aborted", sent: false, retryable: false } });
      assert.deepEqual(server().received, []);
      assert.equal(clock.timers, 0);
    });

    it(`tells an answer as it came, without a judgement: ${endpoint}`, async () => {
      const clock = new FakeClock();
      server().script(endpoint, { status: 418, headers: { "x-one": ["a", "b"] }, body: "short and stout" });
      const request = {
        endpoint,
        origin: server().baseUrl,
        ...credentials,
        form: { "a b": "c&d" },
        query: { e: "f g" },
      };
      const result = await send(request, { timeouts: DEFAULT_TIMEOUTS, clock });
      assert.ok("answer" in result);
      const { status, headers, body, complete } = result.answer;
      assert.deepEqual([status, headers["x-one"], body, complete], [418, ["a", "b"], "short and stout", true]);
      const path = endpoint === "issue" ? contract.tokenPath : contract.revokePath;
      assert.equal(server().received[0]?.target.replaceAll("+", "%20"), `${path}?e=f%20g`);
      assert.equal(server().received[0]?.body, "a+b=c%26d");
      assert.equal(clock.timers, 0);
    });
  }
});
