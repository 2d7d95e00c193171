import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { ServiceAccountToken } from "pulumi-atlas-token";

import { forEachDriver } from "../support/open-stack";
import type { Account } from "./support/accounts";
import { useScene, type Scene } from "./support/scene";
import { actives } from "./support/seen-by-atlas";
import { did, notes } from "./support/steps";

const first: Account = { clientId: "first-account", clientSecret: "the-first-secret" };
const second: Account = { clientId: "second-account", clientSecret: "the-second-secret" };
const rotated: Account = { ...first, clientSecret: "the-first-secret-rotated" };

/** A service account as a stack makes it: nobody knows its id and secret before. Another id is another account. */
class ServiceAccount extends pulumi.dynamic.Resource {
  declare readonly madeId: pulumi.Output<string>;
  declare readonly madeSecret: pulumi.Output<string>;

  constructor(name: string, { clientId, clientSecret }: Account) {
    super(
      maker,
      name,
      { clientId, clientSecret: pulumi.secret(clientSecret), madeId: undefined, madeSecret: undefined },
      { replaceOnChanges: ["clientId"], additionalSecretOutputs: ["madeSecret"] },
      "test",
      "ServiceAccount",
    );
  }
}

// Serialized: it must not know anything of this process.
const maker: pulumi.dynamic.ResourceProvider<Account> = {
  create: (made) =>
    Promise.resolve({ id: "made", outs: { ...made, madeId: made.clientId, madeSecret: made.clientSecret } }),
  update: (_id, _olds, made) =>
    Promise.resolve({ outs: { ...made, madeId: made.clientId, madeSecret: made.clientSecret } }),
};

function programWith(account: Account) {
  return () => {
    const { madeId, madeSecret } = new ServiceAccount("account", account);
    const token = new ServiceAccountToken("ci", {
      clientId: madeId,
      clientSecret: madeSecret,
      // Unknown as a whole, so that it is not even an object.
      keepers: madeId.apply((id) => ({ account: id })),
    });
    return { token: token.accessToken };
  };
}

describe("4: a client id and secret that another resource of the stack makes", () => {
  forEachDriver((driver) => {
    const openLoggedIn = useScene(driver);

    async function open(): Promise<Scene> {
      const clients = {
        [first.clientId]: [first.clientSecret, rotated.clientSecret],
        [second.clientId]: second.clientSecret,
      };
      const scene = await openLoggedIn({ clients });
      delete scene.stack.env.MONGODB_ATLAS_CLIENT_ID;
      delete scene.stack.env.MONGODB_ATLAS_CLIENT_SECRET;
      return scene;
    }

    function requests({ atlas }: Scene): string[] {
      return atlas.log().map(({ endpoint, clientId, status }) => `${endpoint} ${clientId} ${status}`);
    }

    it("are unknown in the preview, which passes, and known when the token is issued", async () => {
      const scene = await open();
      const { stack, atlas } = scene;
      const program = programWith(first);

      const preview = await stack.preview(program);
      assert.ok(preview.succeeded, preview.output);
      assert.deepEqual(did(preview), ["create account", "create ci"]);
      assert.deepEqual(requests(scene), []);

      const up = await stack.up(program);
      assert.ok(up.succeeded, up.output);
      assert.deepEqual(did(up), ["create account", "create ci"]);
      assert.equal(up.outputs.token, atlas.tokens()[0]?.token);
      assert.deepEqual(did(await stack.preview(program)), ["same account", "same ci"]);

      const destroyed = await stack.destroy();
      assert.ok(destroyed.succeeded, destroyed.output);
      assert.deepEqual(did(destroyed), ["delete ci", "delete account"]);
      assert.deepEqual(requests(scene), ["issue first-account 200", "revoke first-account 200"]);
      assert.deepEqual(actives(atlas), [false]);
    });

    it("make the preview expect a replacement where only the secret is going to change, which updates in place", async () => {
      const scene = await open();
      const { stack } = scene;
      await stack.up(programWith(first));

      const preview = await stack.preview(programWith(rotated));
      assert.deepEqual(did(preview), ["update account", "create-replacement ci", "replace ci", "delete-replaced ci"]);
      assert.deepEqual(notes(preview.output), []);

      const up = await stack.up(programWith(rotated));
      assert.ok(up.succeeded, up.output);
      assert.deepEqual(did(up), ["update account", "update ci"]);
      assert.deepEqual(requests(scene), ["issue first-account 200"]);
    });

    it("have a token of the new account issued, and that of the old one revoked before the account is deleted", async () => {
      const scene = await open();
      const { stack, atlas } = scene;
      await stack.up(programWith(first));

      const up = await stack.up(programWith(second));

      assert.ok(up.succeeded, up.output);
      assert.deepEqual(did(up), [
        "create-replacement account",
        "replace account",
        "create-replacement ci",
        "replace ci",
        "delete-replaced ci",
        "delete-replaced account",
      ]);
      assert.deepEqual(requests(scene), [
        "issue first-account 200",
        "issue second-account 200",
        "revoke first-account 200",
      ]);
      assert.deepEqual(actives(atlas), [false, true]);
    });
  });
});
