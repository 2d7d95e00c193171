import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { runInNewContext } from "node:vm";

import { providerKey } from "../../support/values";
import { declareToken, serializedProvider } from "./mocks";

const repository = process.cwd();
const pin = join(__dirname, "serialized-provider.txt");
const printer = join(__dirname, "print-serialized-provider.ts");

const meaning = `The text that Pulumi keeps in the state of every token has changed.

A destroy runs the text that the state holds, and a state gets the new text only where its resource is updated or
replaced: every text that was ever released goes on calling \`pulumi-atlas-token/host\`, its functions and their
arguments as they were then, and nothing of that may go away. No preview shows that the text has changed.

If the change is meant, note it in the changelog and pin the new text, with the package compiled:
  npx ts-node ${relative(repository, printer)} > ${relative(repository, pin)}
`;

describe("the text of the provider in the state", () => {
  let text: string;
  before(async () => {
    text = await serializedProvider();
  });

  it("is the one that is pinned, byte for byte", () => {
    assert.ok(text === readFileSync(pin, "utf8"), meaning);
  });

  it("is no secret, although the arguments are: nothing secret is in it", async () => {
    const { inputs } = await declareToken({ clientSecret: "fake-secret-of-the-input", existingToken: "fake-token" });
    assert.equal(inputs[providerKey], text);
    for (const secret of ["fake-secret-of-the-input", "fake-token"]) assert.ok(!text.includes(secret));
  });

  for (const [description, path] of [
    ["the repository", repository],
    ["the user", homedir()],
    ["temporary files", tmpdir()],
    ["the compiled package", "dist/"],
  ] as const) {
    it(`does not know the folder of ${description}`, () => assert.ok(!text.includes(`${path}/`), text));
  }

  it("is small: it lies in the state twice for each token", () => {
    assert.ok(Buffer.byteLength(text) <= 1024, `${Buffer.byteLength(text)} bytes`);
  });
});

describe("the text of the provider, where there is nothing but what every module of Node.js has,", () => {
  const methods: Readonly<Record<string, readonly unknown[]>> = {
    configure: [{ config: {} }],
    check: [{ old: 1 }, { new: 1 }],
    diff: ["ci-0a1b2c3d", { old: 1 }, { new: 1 }],
    create: [{ new: 1 }],
    read: ["ci-0a1b2c3d", { old: 1 }],
    update: ["ci-0a1b2c3d", { old: 1 }, { new: 1 }],
    delete: ["ci-0a1b2c3d", { old: 1 }],
  };
  type Provider = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

  /** Runs it with a host that echoes; whatever else it captured would be missing here. */
  async function run(): Promise<{ provider: Provider; lookedUp: readonly unknown[] }> {
    const lookedUp: unknown[] = [];
    const host = Object.fromEntries(
      Object.keys(methods).map((method) => [method, (...args: unknown[]) => ({ method, args })]),
    );
    const createRequire = (from: string) => (name: string) => {
      lookedUp.push([from, name]);
      return host;
    };
    const exports: { handler?: () => Provider } = {};
    const require = (name: string): object => {
      lookedUp.push(name);
      return { createRequire };
    };
    runInNewContext(await serializedProvider(), { exports, require, process: { cwd: () => "/the/folder" } });
    return { provider: exports.handler!(), lookedUp };
  }

  it("has every method that Pulumi calls, and no other", async () => {
    const { provider } = await run();
    assert.deepEqual(Object.keys(provider), Object.keys(methods));
  });

  for (const [method, args] of Object.entries(methods)) {
    it(`looks up the code of ${method} from the working directory when it runs, and hands on what it is given`, async () => {
      const { provider, lookedUp } = await run();
      assert.deepEqual(lookedUp, []);
      const result = await provider[method]!(...args);
      assert.deepEqual(lookedUp, ["module", ["/the/folder/", "pulumi-atlas-token/host"]]);
      assert.deepEqual(result, method === "configure" ? undefined : { method, args });
    });
  }
});
