import assert from "node:assert/strict";
import { only, runMocked, tokenType } from "./mocked-program";

describe("the example government", () => {
  it("sends the credentials to Atlas for Government and nowhere else", async () => {
    const { inputs } = only(await runMocked("government"), tokenType);
    assert.equal(inputs["baseUrl"], "https://cloud.mongodbgov.com");
  });
});
