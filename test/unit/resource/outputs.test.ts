import assert from "node:assert/strict";
import { dirname, join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { ServiceAccountToken } from "pulumi-atlas-token";

import { isSecret, providerKey, reveal } from "../../support/values";
import { declareToken, outputs, typeToken, valueOf } from "./mocks";

describe("the compiled resource", () => {
  it("is what these tests look at", () => {
    assert.equal(dirname(require.resolve("pulumi-atlas-token")), join(__dirname, "../../../dist"));
  });

  it("has the type that the README and the state name", async () => {
    const { type, name } = await declareToken();
    assert.deepEqual([type, name], [typeToken, "ci"]);
  });

  // Class fields of ES2022 would have set each of these back to undefined.
  for (const name of Object.keys(outputs) as readonly (keyof typeof outputs)[]) {
    it(`has the output ${name}`, async () => {
      const { token } = await declareToken();
      assert.equal(await valueOf(token[name]), outputs[name]);
    });
  }

  it("has times that are undefined where an adopted token does not tell them", async () => {
    const { token } = await declareToken({}, {}, () => ({ accessToken: "fake-token", tokenType: "Bearer" }));
    assert.deepEqual([await valueOf(token.issuedAt), await valueOf(token.expiresAt)], [undefined, undefined]);
  });

  it("keeps the token secret and nothing else, even where nobody marks it", async () => {
    const { token } = await declareToken();
    const secret = await Promise.all(
      (["accessToken", "tokenType", "issuedAt", "expiresAt", "id"] as const).map((name) =>
        pulumi.isSecret(token[name]),
      ),
    );
    assert.deepEqual(secret, [true, false, false, false, false]);
  });

  it("keeps secret what is made of the token", async () => {
    const { token } = await declareToken();
    const header = pulumi.interpolate`Bearer ${token.accessToken}`;
    assert.deepEqual([await valueOf(header), await pulumi.isSecret(header)], [`Bearer ${outputs.accessToken}`, true]);
  });

  it("asks the engine to keep the token and both secret inputs so, besides what the program asks for", async () => {
    const { request } = await declareToken({}, { additionalSecretOutputs: ["expiresAt"], protect: true });
    assert.deepEqual(
      new Set(request.getAdditionalsecretoutputsList()),
      new Set(["accessToken", "clientSecret", "existingToken", "expiresAt"]),
    );
    assert.equal(request.getProtect(), true);
  });

  it("has the id that it is given, which is no input of its own", async () => {
    const { token, inputs } = await declareToken();
    assert.equal(await valueOf(token.id), "ci-0a1b2c3d");
    assert.deepEqual(new Set(Object.keys(inputs)), new Set(["name", providerKey]));
    assert.equal(inputs["name"], "ci");
  });
});

describe("the arguments of the compiled resource", () => {
  const rows: readonly { description: string; wrap: (value: string) => pulumi.Input<string> }[] = [
    { description: "given plain", wrap: (value) => value },
    { description: "given as a promise", wrap: (value) => Promise.resolve(value) },
    { description: "given as an output", wrap: (value) => pulumi.output(value) },
    { description: "given as a secret", wrap: (value) => pulumi.secret(value) },
  ];
  for (const { description, wrap } of rows) {
    for (const name of ["clientSecret", "existingToken"] as const) {
      it(`make a secret of ${name} ${description}`, async () => {
        const { inputs } = await declareToken({ [name]: wrap("fake-value") });
        assert.ok(isSecret(inputs[name]));
        assert.equal(reveal(inputs)[name], "fake-value");
      });
    }
  }

  it("reach check as they are given", async () => {
    const given = {
      clientId: "fake-client",
      baseUrl: "https://atlas.example",
      renewBefore: "10m",
      keepers: { a: [1] },
    };
    const { inputs } = await declareToken(given);
    const { [providerKey]: _text, ...rest } = inputs;
    assert.deepEqual(rest, { name: "ci", ...given });
  });

  it("reach check even where they are unknown to the package, so that it can say so", async () => {
    const { inputs } = await declareToken({ colour: "red", clientID: "fake-client" });
    assert.deepEqual([inputs["colour"], inputs["clientID"]], ["red", "fake-client"]);
  });

  it("reach check where they have the name of an output, so that it can refuse them", async () => {
    const given = { accessToken: "a", tokenType: "b", issuedAt: "c", expiresAt: "d" };
    const { inputs } = await declareToken(given);
    const { [providerKey]: _text, name: _name, ...rest } = inputs;
    assert.deepEqual(rest, given);
  });

  it("are not changed by the resource", async () => {
    const args = Object.freeze({ clientSecret: "fake-value" });
    const options = Object.freeze({ protect: true });
    await declareToken(args, options);
    assert.deepEqual([args, options], [{ clientSecret: "fake-value" }, { protect: true }]);
  });

  it("do not allow an import, and point to existingToken", () => {
    assert.throws(
      () => new ServiceAccountToken("ci", {}, { import: "ci-0a1b2c3d" }),
      (error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.match(error.message, /^ServiceAccountToken "ci" cannot be imported: .* existingToken$/);
        return true;
      },
    );
  });
});
