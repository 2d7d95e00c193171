import assert from "node:assert/strict";
import { dirname, join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken, type ServiceAccountTokenArgs } from "pulumi-atlas-token";

import { golden } from "../../support/golden";
import { declareToken, outputs, valueOf } from "./mocks";

/** A secret as Pulumi's SDK passes it to the engine. */
function secret(value: string): object {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

describe("the compiled resource", () => {
  it("is what these tests test", () => {
    assert.equal(dirname(require.resolve("pulumi-atlas-token")), join(__dirname, "../../../dist"));
  });

  it("has the outputs of its state, which class fields would reset", async () => {
    const { resource, type, name } = await declareToken();
    const names = ["accessToken", "tokenType", "issuedAt", "expiresAt"] as const;
    const values = await Promise.all(names.map((name) => valueOf<string | undefined>(resource[name])));
    assert.deepEqual(Object.fromEntries(names.map((name, index) => [name, values[index]])), outputs);
    assert.deepEqual([type, name], ["pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken", "ci"]);
    assert.equal(await valueOf(resource.id), "ci-0a1b2c3d");
  });

  it("keeps the token secret and nothing else, and what is made of it", async () => {
    const { accessToken, tokenType, issuedAt, expiresAt, id } = (await declareToken()).resource;
    const values = [accessToken, tokenType, issuedAt, expiresAt, id, pulumi.interpolate`Bearer ${accessToken}`];
    const secrets = await Promise.all(values.map((value) => pulumi.isSecret(value)));
    assert.deepEqual(secrets, [true, false, false, false, false, true]);
  });

  it("adds its secret outputs to those of the program, whose options it keeps", async () => {
    const options = { additionalSecretOutputs: ["expiresAt"], protect: true };
    const { additionalSecretOutputs, protect } = await declareToken({}, options);
    assert.deepEqual(additionalSecretOutputs.toSorted(), ["accessToken", "clientSecret", "existingToken", "expiresAt"]);
    assert.equal(protect, true);
  });

  it("refuses an import", () => {
    assert.throws(
      () => new ServiceAccountToken("ci", {}, { import: "ci-0a1b2c3d" }),
      (error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        golden("resource/import-dynamic.txt", error.message);
        return true;
      },
    );
  });
});

describe("the arguments of the compiled resource", () => {
  const wraps: Readonly<Record<string, (value: string) => pulumi.Input<string>>> = {
    "a string": (value) => value,
    "a promise": (value) => Promise.resolve(value),
    "an output": (value) => pulumi.output(value),
    "a secret": (value) => pulumi.secret(value),
  };
  for (const [description, wrap] of Object.entries(wraps)) {
    it(`are secret if they must be, given as ${description}`, async () => {
      const { inputs } = await declareToken({ clientSecret: wrap("fake-1"), existingToken: wrap("fake-2") });
      assert.deepEqual(inputs, { name: "ci", clientSecret: secret("fake-1"), existingToken: secret("fake-2") });
    });
  }

  it("have the types of the generated SDK: optional values of a configuration or an output, an interface", async () => {
    interface Keepers {
      readonly release: string;
    }
    const keepers: Keepers = { release: "1" };
    const optional = pulumi.output<string | undefined>(undefined);
    const [clientId, renewBefore] = [new pulumi.Config().get("clientId"), Promise.resolve(undefined)];
    const args = { clientId, clientSecret: optional, baseUrl: optional, renewBefore, existingToken: optional };
    const { inputs } = await declareToken({ ...args, keepers } satisfies ServiceAccountTokenArgs);
    const given = Object.entries(inputs).filter(([key, value]) => key === "keepers" || typeof value === "string");
    assert.deepEqual(Object.fromEntries(given), { name: "ci", keepers });
  });

  it("reach check as they are given, also those that it must refuse", async () => {
    const valid = { clientId: "a", baseUrl: "https://atlas.example", renewBefore: "10m", keepers: { a: [1] } };
    const args = Object.freeze({ ...valid, color: "red", ...outputs });
    assert.deepEqual((await declareToken(args)).inputs, { name: "ci", ...args });
    assert.deepEqual((await declareToken()).inputs, { name: "ci" });
  });
});
