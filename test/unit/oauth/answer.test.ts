import assert from "node:assert/strict";

import { asObject, header, jsonObject } from "../../../provider/oauth/http-response";

describe("header", () => {
  const headers = { one: "a", several: ["b", "c"], none: [], missing: undefined };
  const rows = [
    { name: "one", value: "a" },
    { name: "several", value: "b" },
    { name: "none", value: undefined },
    { name: "missing", value: undefined },
    { name: "other", value: undefined },
  ];
  for (const { name, value } of rows) {
    it(`reads "${name}" as ${value ?? "absent"}`, () => assert.equal(header({ headers }, name), value));
  }
});

describe("jsonObject", () => {
  const rows = [
    { text: '{"a":1}', value: { a: 1 } },
    { text: " {} ", value: {} },
    { text: "", value: undefined },
    { text: "[]", value: undefined },
    { text: "null", value: undefined },
    { text: '"a"', value: undefined },
    { text: "1", value: undefined },
    { text: '{"a":', value: undefined },
  ];
  for (const { text, value } of rows) {
    it(`reads '${text}' as ${value === undefined ? "nothing" : "an object"}`, () =>
      assert.deepEqual(jsonObject(text), value));
  }

  it("does not let __proto__ become the prototype", () => {
    const object = jsonObject('{"__proto__":{"error":"invalid_grant"}}');
    assert.equal(object?.["error"], undefined);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
  });
});

describe("asObject", () => {
  const object = {};
  const rows = [
    { description: "an object", value: object, result: object },
    { description: "an array", value: [], result: undefined },
    { description: "null", value: null, result: undefined },
    { description: "undefined", value: undefined, result: undefined },
    { description: "a text", value: "{}", result: undefined },
    { description: "a number", value: 1, result: undefined },
  ];
  for (const { description, value, result } of rows) {
    it(`takes ${description} for ${result === undefined ? "none" : "one"}`, () =>
      assert.equal(asObject(value), result));
  }
});
