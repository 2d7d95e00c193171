import assert from "node:assert/strict";

import { read } from "../../../provider/operations/read";
import { fakeContext, id, stateWith } from "./fake";

describe("read", () => {
  it("returns what it was given, without network", () => {
    const state = stateWith({ __provider: "exports.handler = …", incomplete: true, colour: null });
    assert.deepEqual(read(id, state, fakeContext()), { id, props: state });
  });

  it("returns the id as well where the state holds nothing: an empty one would drop the resource", () => {
    assert.deepEqual(read(id, {}, fakeContext()), { id, props: {} });
  });
});
