import assert from "node:assert/strict";

import fc from "fast-check";

import { INPUTS, type Properties } from "../../../provider/operations/record";
import { update } from "../../../provider/operations/update";
import { inputsWith, secrets, stateWith } from "./fake";
import { nonsense } from "./nonsense";

describe("update returns", () => {
  const rows: readonly { description: string; olds: Properties; news: Properties; expected: Properties }[] = [
    { description: "the old outputs where nothing changed", olds: {}, news: {}, expected: {} },
    {
      description: "the new inputs in the place of the old ones",
      olds: { clientSecret: secrets.input },
      news: { clientSecret: secrets.env, renewBefore: "20m" },
      expected: { clientSecret: secrets.env, renewBefore: "20m" },
    },
    {
      description: "no input that is not given any more",
      olds: { clientSecret: secrets.input, keepers: { a: 1 }, existingToken: "opaque" },
      news: {},
      expected: {},
    },
    {
      description: "the mark of an incomplete token, which only a replacement takes away",
      olds: { incomplete: true },
      news: { renewBefore: "20m" },
      expected: { incomplete: true, renewBefore: "20m" },
    },
    {
      description: "outputs that this version does not know",
      olds: { colour: "red" },
      news: {},
      expected: { colour: "red" },
    },
    {
      description: "the new serialized text",
      olds: { __provider: "exports.handler = one;" },
      news: { __provider: "exports.handler = another;" },
      expected: { __provider: "exports.handler = another;" },
    },
  ];
  for (const { description, olds, news, expected } of rows) {
    it(description, () => {
      assert.deepEqual(update(stateWith(olds), inputsWith(news)), { outs: stateWith(expected) });
    });
  }
});

describe("update of a state that was edited by hand", () => {
  for (const { description, value } of nonsense) {
    it(`keeps an output that is ${description}, and takes every input from the program`, () => {
      const olds = { ...stateWith(), ...Object.fromEntries(INPUTS.map((name) => [name, value])), issuedAt: value };
      assert.deepEqual(update(olds, inputsWith()), { outs: { ...stateWith(), issuedAt: value } });
    });
  }

  it("works whatever is in it", () => {
    const bag = fc.dictionary(fc.string(), fc.anything());
    fc.assert(fc.property(bag, bag, (olds, news) => void update(olds, news)));
  });
});
