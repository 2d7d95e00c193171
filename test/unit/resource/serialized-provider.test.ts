import assert from "node:assert/strict";

import { defaultClientId, defaultClientSecret, startLocalAtlas, type LocalAtlas } from "../../../examples/local-atlas";
import { unknownValue, type Properties } from "../../support/values";
import { linkPackages, makeTempDir, removeTempDir } from "../../support/work-dir";
import { serializedProvider } from "./mocks";
import { RemoteRejection, startSerialized, type SerializedProvider } from "./serialized-process";

const repository = process.cwd();

/** Where the package is found: a folder by its own name, or one in which it is installed. */
const folders = [
  { description: "within the repository", folder: () => Promise.resolve(repository), remove: () => Promise.resolve() },
  {
    description: "in a folder with the package installed",
    folder: async () => {
      const folder = await makeTempDir();
      await linkPackages(folder);
      return folder;
    },
    remove: removeTempDir,
  },
];

for (const { description, folder, remove } of folders) {
  describe(`the serialized provider, reloaded in a fresh process ${description},`, () => {
    let atlas: LocalAtlas;
    let cwd: string;
    let text: string;
    let provider: SerializedProvider;
    let inputs: Properties;

    before(async () => {
      atlas = await startLocalAtlas({ requestsPerWindow: 0 });
      cwd = await folder();
      text = await serializedProvider();
      provider = startSerialized(text, cwd);
      inputs = { name: "ci", clientId: defaultClientId, baseUrl: atlas.url, renewBefore: "10m", __provider: text };
      await provider.configure({
        "mongodbatlas:clientId": defaultClientId,
        "mongodbatlas:clientSecret": defaultClientSecret,
        "mongodbatlas:baseUrl": atlas.url,
      });
    });
    after(async () => {
      await provider.close();
      await atlas.close();
      await remove(cwd);
    });

    async function created(): Promise<{ id: string; outs: Properties; token: string }> {
      const { id, outs } = (await provider.create(inputs)) as { id: string; outs: Properties };
      return { id, outs, token: outs["accessToken"] as string };
    }

    it("checks, with what it was configured with", async () => {
      const { __provider, ...expected } = inputs;
      assert.deepEqual(await provider.check({}, { name: "ci", __provider: text }), { inputs: expected, failures: [] });
    });

    it("reports what is wrong", async () => {
      const { failures } = (await provider.check({}, { name: "ci", colour: "red" })) as { failures: unknown[] };
      assert.deepEqual(failures, [{ property: "", reason: "unknown argument colour" }]);
    });

    it("issues a token", async () => {
      const { id, outs, token } = await created();
      assert.match(id, /^ci-[0-9a-f]{8}$/);
      assert.deepEqual(Object.keys(outs), [
        ...Object.keys(inputs),
        "accessToken",
        "tokenType",
        "issuedAt",
        "expiresAt",
      ]);
      assert.ok(atlas.isActive(token));
    });

    it("compares", async () => {
      const { id, outs } = await created();
      assert.deepEqual(await provider.diff(id, outs, inputs), { changes: false, replaces: [] });
      assert.deepEqual(await provider.diff(id, outs, { ...inputs, keepers: unknownValue }), {
        changes: true,
        replaces: ["keepers"],
      });
    });

    it("reads", async () => {
      assert.deepEqual(await provider.read("ci-0a1b2c3d", { clientId: "fake" }), {
        id: "ci-0a1b2c3d",
        props: { clientId: "fake" },
      });
    });

    it("updates", async () => {
      const { id, outs } = await created();
      const { outs: updated } = (await provider.update(id, outs, { ...inputs, renewBefore: "20m" })) as typeof outs;
      assert.deepEqual(updated, { ...outs, renewBefore: "20m" });
    });

    it("revokes", async () => {
      const { id, outs, token } = await created();
      assert.equal(await provider.delete(id, outs), undefined);
      assert.equal(atlas.isActive(token), false);
    });

    it("rejects with the whole message, and with one short line for the provider host, where Atlas refuses", async () => {
      const { id, outs, token } = await created();
      atlas.failNext("revoke", 403);
      await assert.rejects(provider.delete(id, outs), (error) => {
        assert.ok(error instanceof RemoteRejection);
        const { message, stack, text: short } = error.remote;
        assert.match(message, new RegExp(`^ServiceAccountToken ${id} was not revoked: access_denied \\(403\\)`));
        assert.equal(`${short}: ${stack}`, `ServiceAccountToken ${id} was not revoked: access_denied`);
        assert.ok(![message, short].join().includes(defaultClientSecret) && !message.includes(token));
        return true;
      });
      assert.ok(atlas.isActive(token));
    });
  });
}

describe("the serialized provider", () => {
  it("is configured from the moment that configure is called, not only once it is done", async () => {
    const provider = startSerialized(await serializedProvider(), repository);
    try {
      const configured = provider.configure({
        "mongodbatlas:clientId": "fake-client",
        "mongodbatlas:clientSecret": "fake-secret",
      });
      const checked = provider.check({}, { name: "ci" });
      await configured;
      assert.deepEqual(((await checked) as { failures: unknown[] }).failures, []);
    } finally {
      await provider.close();
    }
  });
});
