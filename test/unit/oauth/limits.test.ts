import assert from "node:assert/strict";

import { DEFAULT_TIMEOUTS } from "../../../provider/oauth/client-settings";
import { makeClientSettings } from "../../../provider/oauth/client-settings";

describe("the limits of one attempt", () => {
  it("are 10 s to connect, 30 s for an answer and 45 s for all of it", () =>
    assert.deepEqual(DEFAULT_TIMEOUTS, { connectMs: 10_000, responseMs: 30_000, attemptMs: 45_000 }));

  it("hold unless a test says otherwise", () => assert.equal(makeClientSettings().timeouts, DEFAULT_TIMEOUTS));
});
