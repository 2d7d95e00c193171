import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import assert from "node:assert/strict";
import { examplePath } from "./child";

interface MockedRun {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The one resource whose type ends with this. */
  readonly only: (type: string) => { inputs: Record<string, unknown>; provider: string | undefined };
}

/** Gives a test a store of its own for what Pulumi keeps per process, so that no other test sees the mocks. */
const { withLocalStorage } = state as unknown as { withLocalStorage: <T>(run: () => Promise<T>) => Promise<T> };

const created: Readonly<Record<string, object>> = {
  ServiceAccountToken: { accessToken: "a-fake-token" },
  ServiceAccount: { clientId: "mdb_sa_id_of_the_mock", secrets: [{ secret: "the-first-secret" }] },
  ServiceAccountSecret: { secret: "a-secret-of-its-own" },
};

/** Runs an example's program as a user's own unit test would: with Pulumi's mocks, without any provider. */
function runMocked(example: string, preview = false): Promise<MockedRun> {
  return withLocalStorage(async () => {
    const resources: pulumi.runtime.MockResourceArgs[] = [];
    const newResource = (resource: pulumi.runtime.MockResourceArgs): { id: string | undefined; state: object } => {
      resources.push(resource);
      const outputs = preview ? {} : created[resource.type.split(":").at(-1) ?? ""];
      return { id: preview ? undefined : `${resource.name}-id`, state: { ...(resource.inputs as object), ...outputs } };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "example", "test", preview);
    pulumi.runtime.setAllConfig({ "example:orgId": "an-organization" });
    const file = examplePath(example, "index.ts");
    // Pulumi runs a program in a new process each time.
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- that is what empties the cache
    delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would not look at the cache
    const outputs = { ...(require(file) as Record<string, unknown>) };
    await pulumi.runtime.disconnect();
    const only: MockedRun["only"] = (type) => {
      const [found, ...others] = resources.filter((resource) => resource.type.endsWith(type));
      assert.ok(found && others.length === 0, `${others.length + 1} resources of type ${type}`);
      return { inputs: found.inputs as Record<string, unknown>, provider: found.provider };
    };
    return { outputs, only };
  });
}

const secret = (value: string): object => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });
/** Whether a value is unknown; newer versions of the SDK wrap one that is a secret. */
const isUnknown = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ("__pulumiUnknown" in value || ("value" in value && isUnknown(value.value)));

describe("the programs of the examples", () => {
  it("atlas-provider passes the token to the provider of the project as a secret", async () => {
    const { only } = await runMocked("atlas-provider");
    assert.deepEqual(only("pulumi:providers:mongodbatlas").inputs.accessToken, secret("a-fake-token"));
    // Half an hour for an up.
    assert.equal(only(":ServiceAccountToken").inputs.renewBefore, "30m");
    assert.equal(only(":Project").inputs.orgId, "an-organization");
    assert.match(only(":Project").provider ?? "", /:pulumi:providers:mongodbatlas::atlas::atlas-id$/);
  });

  it("atlas-provider can be previewed before there is a token", async () => {
    const { only } = await runMocked("atlas-provider", true);
    assert.ok(isUnknown(only("pulumi:providers:mongodbatlas").inputs.accessToken));
    assert.ok(only(":Project"));
  });

  it("service-account-in-stack uses a secret that a refresh does not empty, and exports a secret", async () => {
    const { only, outputs } = await runMocked("service-account-in-stack");
    const clientId = "mdb_sa_id_of_the_mock";
    const clientSecret = secret("a-secret-of-its-own");
    const { inputs } = only(":ServiceAccountToken");
    assert.deepEqual([inputs.clientId, inputs.clientSecret], [clientId, clientSecret]);
    const { inputs: account } = only(":ServiceAccountSecret");
    assert.deepEqual([account.clientId, account.orgId], [clientId, "an-organization"]);
    assert.ok(await pulumi.isSecret(outputs["accessToken"] as pulumi.Output<string>));
  });

  it("service-account-in-stack can be previewed before there is an account", async () => {
    const { inputs } = (await runMocked("service-account-in-stack", true)).only(":ServiceAccountToken");
    assert.ok(isUnknown(inputs.clientId) && isUnknown(inputs.clientSecret));
  });

  it("government sends the credentials to Atlas for Government and nowhere else", async () => {
    const { inputs } = (await runMocked("government")).only(":ServiceAccountToken");
    assert.equal(inputs.baseUrl, "https://cloud.mongodbgov.com");
  });
});
