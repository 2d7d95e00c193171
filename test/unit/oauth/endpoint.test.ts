import assert from "node:assert/strict";

import { hostAndPath, PATHS } from "../../../provider/oauth/endpoint";
import { contract } from "../../support/oauth/contract";

describe("the endpoints", () => {
  it("are those that Atlas documents", () => {
    assert.deepEqual(PATHS, { issue: contract.tokenPath, revoke: contract.revokePath });
  });

  const rows = [
    { origin: "https://cloud.mongodb.com", host: "cloud.mongodb.com" },
    { origin: "http://127.0.0.1:8080", host: "127.0.0.1:8080" },
    { origin: "", host: "" },
  ];
  for (const { origin, host } of rows) {
    it(`are named without the scheme of "${origin}"`, () => {
      assert.equal(hostAndPath(origin, "revoke"), host + contract.revokePath);
    });
  }
});
