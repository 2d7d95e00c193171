import assert from "node:assert/strict";
import { CheckRequest } from "@pulumi/pulumi/proto/provider_pb";
import fc from "fast-check";

import { readProperties, toCheckResponse, writeProperties } from "../../../provider/plugin/wire";
import { toProperties, toStruct } from "../../support/provider-host";
import { reveal, secret, SIGNATURE, UNKNOWN, type Properties } from "../../support/values";

const special = (signature: string, fields: Properties): Properties => ({ [SIGNATURE]: signature, ...fields });
const resource = (fields: Properties) => special("5cf8f73096256a8f31e491e813e4eb8e", fields);
const asset = (fields: Properties) => special("c44067f5952c0a294b673a41bacd8c17", fields);
const archive = (fields: Properties) => special("0def7320c3a5731c473e5ecbe6d01bc7", fields);
const output = (fields: Properties) => special("d0e6a833031e9bbcd3f4e8bde6ca49a4", fields);

const urn = "urn:pulumi:stack::project::a:b:C::name";
const read = (properties: Properties) => readProperties(toStruct(properties));
const write = (properties: Properties, ...request: Properties[]) =>
  toProperties(writeProperties(properties, ...request.map(toStruct)));

// Few names, so that values meet at the same place.
const key = fc.constantFrom("keepers", "value", "id", "");
const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom(
    null,
    UNKNOWN,
    resource({ urn, id: "an-id", packageVersion: "1.0.0" }),
    resource({ urn, id: "" }),
    resource({ urn }),
    asset({ hash: "a-hash", text: "a text" }),
    asset({ path: "a-file" }),
    archive({ hash: "a-hash", assets: { file: asset({ hash: "another", path: "a-file" }) } }),
  ),
);
/** Values of a shape that the engine sends: it never marks what is marked already. */
const { value: anyValue } = fc.letrec<{ value: unknown; unmarked: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, tie("unmarked"), tie("unmarked").map(secret)),
  unmarked: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value")),
    fc.dictionary(key, tie("value"), { noNullPrototype: true }),
  ),
}));
const anyProperties = fc.dictionary(key, anyValue, { noNullPrototype: true });

const isMarked = (value: unknown): boolean =>
  (value as Properties | null | undefined)?.[SIGNATURE] === secret("")[SIGNATURE];

describe("properties on the wire", () => {
  it("go out as they came in, whatever is marked and however deep", () => {
    fc.assert(fc.property(anyProperties, (came) => assert.deepEqual(write(read(came), came), came)));
  });

  it("look the same to the operations whether or not they are marked", () => {
    fc.assert(fc.property(anyProperties, (came) => assert.deepEqual(read(came), read(reveal(came)))));
  });

  it("keep the values that an operation returns, whatever came at their place, and stay marked there", () => {
    fc.assert(
      fc.property(anyProperties, anyProperties, (came, others) => {
        const returned = read(others);
        const written = write(returned, came);
        assert.deepEqual(read(written), returned);
        for (const name of Object.keys(returned).filter((name) => isMarked(came[name])))
          assert.ok(isMarked(written[name]), name);
      }),
    );
  });

  for (const [title, came, plain, written] of [
    ["a resource as its ID", resource({ urn, id: "an-id" }), "an-id", undefined],
    ["a component as its URN", resource({ urn }), urn, undefined],
    ["a resource that is not created yet as unknown", resource({ urn, id: "" }), UNKNOWN, undefined],
    ["an output", output({ value: "x", dependencies: [urn] }), "x", "x"],
    ["a secret output", output({ value: "x", secret: true }), "x", secret("x")],
    ["an unknown output", output({}), UNKNOWN, UNKNOWN],
    ["a secret in an output", output({ value: { x: secret(1) } }), { x: 1 }, { x: secret(1) }],
    ["a secret in a secret output", output({ value: secret(1), secret: true }), 1, secret(1)],
  ] as const) {
    it(`are read and written again: ${title}`, () => {
      assert.deepEqual(read({ keepers: { came } }), { keepers: { came: plain } });
      assert.deepEqual(write({ keepers: { came: plain } }, { keepers: { came } }), {
        keepers: { came: written ?? came },
      });
    });
  }

  it("tell an asset by its content, not by where it is", () => {
    const [here, there, changed] = [
      { hash: "1", path: "a" },
      { hash: "1", path: "b" },
      { hash: "2", path: "a" },
    ].map((fields) => read({ keepers: asset(fields) }));
    assert.deepEqual(here, there);
    assert.notDeepEqual(here, changed);
  });

  it("are marked once if they are always secret, and by the last part of the request that has them", () => {
    for (const name of ["accessToken", "clientSecret", "existingToken"])
      for (const request of [[], [{ [name]: secret("x") }], [{ [name]: "x" }]])
        assert.deepEqual(write({ [name]: "x" }, ...request), { [name]: secret("x") });
    const [marked, unmarked] = [{ keepers: secret({ x: 1 }) }, { keepers: { x: 1 } }];
    assert.deepEqual(write({ keepers: { x: 1 } }, marked, unmarked), unmarked);
    assert.deepEqual(write({ keepers: { x: 1 } }, unmarked, marked), marked);
  });

  it("are named as wrong only if they are not secret, since the engine prints the value of a property that is named", () => {
    const failure = { property: "baseUrl", reason: "must be a URL" };
    const shown = (baseUrl: unknown) =>
      toCheckResponse(undefined, [failure], new CheckRequest().setNews(toStruct({ baseUrl }))).toObject().failuresList;
    assert.deepEqual(shown("planted"), [failure]);
    for (const marked of [secret("planted"), output({ value: "planted", secret: true })])
      assert.deepEqual(shown(marked), [{ property: "", reason: "baseUrl must be a URL" }]);
  });
});
