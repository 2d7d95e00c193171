import assert from "node:assert/strict";

import { jsonObject } from "../../../../provider/oauth/lib/json";

describe("jsonObject", () => {
  it("parses an object, and nothing else", () => {
    assert.deepEqual(jsonObject(' {"a":1} '), { a: 1 });
    for (const text of ["", "[]", "null", '"a"', "1", '{"a":']) assert.equal(jsonObject(text), undefined, text);
  });
});
