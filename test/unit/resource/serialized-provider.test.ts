import assert from "node:assert/strict";
import { homedir, tmpdir } from "node:os";
import { runInNewContext } from "node:vm";

import { SERIALIZED_PROVIDER } from "../../../provider/dynamic/serialized-provider";
import { golden } from "../../support/golden";
import { declareToken, type Properties } from "./mocks";

type Method = (...args: readonly unknown[]) => Promise<unknown>;
type Provider = Readonly<Record<string, Method>>;

const repository = process.cwd();

/** Evaluates the text of a provider as Pulumi's host does: `requireFromString(text).handler()`. */
function evaluate(text: string, globals: object = {}): Provider {
  const exports: { handler?: () => Provider } = {};
  runInNewContext(text, { exports, require, process: { cwd: () => repository }, ...globals });
  return exports.handler!();
}

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

  for (const method of ["configure", "check", "diff", "create", "read", "update", "delete"]) {
    it(`looks up ${method} from the working directory when it runs, and passes on its arguments`, async () => {
      const lookups: unknown[] = [];
      const host = { [method]: (...args: unknown[]) => ({ method, args }) };
      const createRequire = (from: string) => (name: string) => lookups.push([from, name]) && host;
      const provider = evaluate(SERIALIZED_PROVIDER, {
        require: (name: string) => lookups.push(name) && { createRequire },
        process: { cwd: () => "/folder" },
      });
      assert.deepEqual(lookups, []);
      const args = ["ci-0a1b2c3d", { clientId: "a" }, { clientId: "b" }];
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
