import assert from "node:assert/strict";

import { suggest } from "../../../provider/operations/suggest";

describe("a suggestion", () => {
  const names = ["clientId", "clientSecret", "keepers"];
  const rows = [
    { description: "is the name itself where only its case is wrong", name: "CLIENTID", expected: "clientId" },
    { description: "sees a letter too many", name: "clientIdd", expected: "clientId" },
    { description: "sees a letter too few", name: "clentId", expected: "clientId" },
    { description: "sees a letter that is another", name: "kespers", expected: "keepers" },
    { description: "sees a letter too few at the start", name: "eepers", expected: "keepers" },
    { description: "sees three mistakes", name: "kee", expected: undefined },
    { description: "sees two mistakes at the end", name: "keepe", expected: "keepers" },
    { description: "sees three mistakes at the end", name: "keep", expected: "keepers" },
    { description: "is none where four would have to change", name: "kxxxx", expected: undefined },
    { description: "is the nearest of several", name: "clientSecre", expected: "clientSecret" },
    { description: "is none where nothing is near", name: "colour", expected: undefined },
    { description: "is none for an empty name", name: "", expected: undefined },
  ];
  for (const { description, name, expected } of rows) {
    it(`${description}: ${name || "''"}`, () => {
      assert.equal(suggest(name, names), expected === undefined ? "" : `: did you mean ${expected}?`);
    });
  }

  it("is none where there are no names", () => assert.equal(suggest("a", []), ""));
});
