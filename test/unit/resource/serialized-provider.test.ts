import assert from "node:assert/strict";
import { homedir, tmpdir } from "node:os";
import { runInNewContext } from "node:vm";

import * as pulumi from "@pulumi/pulumi";

import { SERIALIZED_PROVIDER } from "../../../provider/dynamic/serialized-provider";
import { golden } from "../../support/golden";
import { declare, declareToken, valueOf, type Properties } from "./mocks";

type Method = (...args: readonly unknown[]) => Promise<unknown>;
type Provider = Readonly<Record<string, Method>>;

const repository = process.cwd();

/** Evaluates the text of a provider as Pulumi's host does: `requireFromString(text).handler()`. */
function evaluate(text: string, globals: object = {}): Provider {
  const exports: { handler?: () => Provider } = {};
  runInNewContext(text, { exports, require, process: { cwd: () => repository }, ...globals });
  return exports.handler!();
}

const methods: Readonly<Record<string, readonly unknown[]>> = {
  configure: [{ config: { get: () => undefined } }],
  check: [{}, { name: "ci", color: "red" }],
  diff: ["ci-0a1b2c3d", { clientId: "a", expiresAt: "2001-01-01T00:00:00Z" }, { clientId: "b", renewBefore: "10m" }],
  create: [{ name: "ci", clientId: "client-without-secret" }],
  read: ["ci-0a1b2c3d", { clientId: "a" }],
  update: ["ci-0a1b2c3d", { accessToken: "t", keepers: {} }, { name: "ci" }],
  delete: ["ci-0a1b2c3d", { accessToken: "t", clientId: "client-without-secret", baseUrl: "https://atlas.example" }],
};

describe("the serialized provider", () => {
  // A state gets another text only when its resource is updated or replaced, and no preview shows it. Whatever was released
  // goes on calling `pulumi-atlas-token/host` with the functions and arguments of its time.
  it("is what the golden file contains, byte for byte, without a secret", async () => {
    const { serializedProvider } = await declareToken({ clientSecret: "fake-secret", existingToken: "fake-token" });
    assert.equal(serializedProvider, SERIALIZED_PROVIDER);
    golden("resource/serialized-provider.txt", SERIALIZED_PROVIDER);
  });

  it("is small, since the state contains it twice for each token, and contains no path", () => {
    assert.ok(Buffer.byteLength(SERIALIZED_PROVIDER) <= 1024);
    for (const path of [repository, homedir(), tmpdir(), "dist"]) assert.ok(!SERIALIZED_PROVIDER.includes(`${path}/`));
  });

  for (const [method, args] of Object.entries(methods)) {
    it(`looks up ${method} from the working directory when it runs, and passes on its arguments`, async () => {
      const lookups: unknown[] = [];
      const host = { [method]: (...args: unknown[]) => ({ method, args }) };
      const createRequire = (from: string) => (name: string) => lookups.push([from, name]) && host;
      const provider = evaluate(SERIALIZED_PROVIDER, {
        require: (name: string) => lookups.push(name) && { createRequire },
        process: { cwd: () => "/folder" },
      });
      assert.deepEqual(lookups, []);
      const result = await provider[method]!(...args);
      assert.deepEqual(lookups, ["module", ["/folder/", "pulumi-atlas-token/host"]]);
      assert.deepEqual(result, method === "configure" ? undefined : { method, args });
    });
  }

  it("is configured as soon as configure is called, since the host does not wait for it", async () => {
    const provider = evaluate(SERIALIZED_PROVIDER);
    const configured = provider["configure"]!({
      config: { get: (key: string) => (key === "mongodbatlas:clientId" ? "configured" : undefined) },
    });
    const { inputs } = (await provider["check"]!({}, { name: "ci" })) as { inputs: Properties };
    assert.equal(inputs["clientId"], "configured");
    await configured;
  });
});

describe("the serialized provider beside a real dynamic.Resource with the same methods", () => {
  const load = (): Provider => require("module").createRequire(process.cwd() + "/")("pulumi-atlas-token/host"); // eslint-disable-line
  const provider = {
    configure: async (request: unknown) => {
      await load()["configure"]!(request);
    },
    check: async (...args: unknown[]) => load()["check"]!(...args),
    diff: async (...args: unknown[]) => load()["diff"]!(...args),
    create: async (...args: unknown[]) => load()["create"]!(...args),
    read: async (...args: unknown[]) => load()["read"]!(...args),
    update: async (...args: unknown[]) => load()["update"]!(...args),
    delete: async (...args: unknown[]) => load()["delete"]!(...args),
  };
  const args = { clientId: "fake-client", clientSecret: pulumi.secret("fake-secret"), keepers: { a: 1 } };

  class Real extends pulumi.dynamic.Resource {
    constructor() {
      const options = { additionalSecretOutputs: ["accessToken", "clientSecret", "existingToken"] };
      const inputs = { ...args, name: "ci", accessToken: undefined };
      super(
        provider as unknown as pulumi.dynamic.ResourceProvider,
        "ci",
        inputs,
        options,
        "mongodbatlas",
        "ServiceAccountToken",
      );
    }
  }

  it("has the same type, inputs and secrets", async () => {
    const [{ resource: ours, ...expected }, { resource: real, ...actual }] = [
      await declareToken(args),
      await declare(() => new Real()),
    ];
    assert.equal(typeof actual.serializedProvider, typeof expected.serializedProvider);
    assert.deepEqual({ ...expected, serializedProvider: "" }, { ...actual, serializedProvider: "" });
    assert.equal(await valueOf(ours.urn), await valueOf(real.urn));
  });

  it("does the same in the host", async () => {
    const { serializedProvider } = await declare(() => new Real());
    const [ours, real] = [evaluate(SERIALIZED_PROVIDER), evaluate(serializedProvider as string)];
    assert.deepEqual(Object.keys(ours).toSorted(), Object.keys(real).toSorted());
    for (const [method, args] of Object.entries(methods)) {
      const [expected, actual] = await Promise.all(
        [real, ours].map((each) => each[method]!(...args).catch((error: unknown) => (error as Error).message)),
      );
      assert.deepEqual(actual, expected, method);
    }
  });
});
