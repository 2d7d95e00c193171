import assert from "node:assert/strict";
import {
  containsSecret,
  encrypted,
  exported,
  forHost,
  imported,
  isSecret,
  markSecrets,
  reveal,
  secret,
  unknownValue,
  type Properties,
} from "../../support/values";

function reference(urn: string, id?: string) {
  const signed = { "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", urn };
  return id === undefined ? signed : { ...signed, id };
}

describe("property values", () => {
  const values: Properties = {
    plain: "shown",
    list: [1, secret("hidden 1")],
    deep: { inside: secret({ of: "hidden 2" }) },
  };

  it("can be revealed", () => {
    assert.deepEqual(reveal(values), { plain: "shown", list: [1, "hidden 1"], deep: { inside: { of: "hidden 2" } } });
    assert.deepEqual(
      Object.keys(values).filter((name) => containsSecret(values[name])),
      ["list", "deep"],
    );
  });

  it("show no secret when they are encrypted, and say where one is", () => {
    const text = JSON.stringify(encrypted(values));
    assert.ok(!text.includes("hidden 1") && !text.includes("hidden 2"));
    assert.equal(text.match(/"ciphertext"/g)?.length, 2);
  });

  it("survive an export", () => {
    const json = JSON.parse(JSON.stringify(exported(values))) as Properties;
    assert.deepEqual(imported(json), values);
    assert.deepEqual(reveal(json), reveal(values));
  });

  it("go to the host without marks of secrets, and with ids instead of resources", () => {
    const sent = forHost({
      a: secret("s"),
      known: reference("urn", "id"),
      component: reference("urn"),
      new: reference("urn", ""),
    });
    assert.deepEqual(sent, { a: "s", known: "id", component: "urn", new: unknownValue });
  });

  it("come back from the host with the marks that their names had", () => {
    const received = { plain: "1", list: ["2"], deep: { inside: "3", added: "4" }, other: "5" };
    const marked = markSecrets(received, values);
    assert.deepEqual(reveal(marked), received);
    assert.ok(isSecret(marked.list));
    assert.deepEqual(marked.deep, { inside: secret("3"), added: "4" });
    assert.deepEqual([marked.plain, marked.other], ["1", "5"]);
  });
});
