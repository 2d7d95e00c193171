import assert from "node:assert/strict";

import { DEFAULT_LIMITS } from "../../../provider/oauth/limits";
import { makeSettings } from "../../../provider/oauth/settings";

describe("the limits of one attempt", () => {
  it("are 10 s to connect, 30 s for an answer and 45 s for all of it", () =>
    assert.deepEqual(DEFAULT_LIMITS, { connectMs: 10_000, answerMs: 30_000, attemptMs: 45_000 }));

  it("hold unless a test says otherwise", () => assert.equal(makeSettings().limits, DEFAULT_LIMITS));
});
