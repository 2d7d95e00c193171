import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import assert from "node:assert/strict";
import { examplePath } from "./child";

interface Registered {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The explicit provider of the resource, if it has one. */
  readonly provider?: string | undefined;
}

interface MockedRun {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The one resource whose type ends with this. */
  readonly only: (type: string) => Registered;
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
  const resources: Registered[] = [];
  return withLocalStorage(async () => {
    const mocks: pulumi.runtime.Mocks = {
      newResource({ type, name, inputs, provider }) {
        resources.push({ type, inputs: inputs as Registered["inputs"], provider });
        if (preview) return { id: undefined, state: inputs as object };
        return { id: `${name}-id`, state: { ...(inputs as object), ...created[type.split(":").at(-1) ?? ""] } };
      },
      call: () => ({}),
    };
    await pulumi.runtime.setMocks(mocks, "example", "test", preview);
    pulumi.runtime.setAllConfig({ "example:orgId": "an-organization" });
    const file = examplePath(example, "index.ts");
    // Pulumi runs a program in a new process each time.
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- that is what empties the cache
    delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would not look at the cache
    const outputs = { ...(require(file) as Record<string, unknown>) };
    await pulumi.runtime.disconnect();
    const only = (type: string): Registered => {
      const [found, ...others] = resources.filter((resource) => resource.type.endsWith(type));
      assert.ok(found && others.length === 0, `${others.length + 1} resources of type ${type}`);
      return found;
    };
    return { outputs, only };
  });
}

function isUnknown(value: unknown): boolean {
  return typeof value === "object" && value !== null && "__pulumiUnknown" in value;
}

/** The value of a secret input; fails for any other. */
function secretOf(input: unknown): unknown {
  assert.ok(typeof input === "object" && input !== null && pulumi.runtime.specialSigKey in input && "value" in input);
  return input.value;
}

describe("the example atlas-provider", () => {
  const provider = "pulumi:providers:mongodbatlas";

  it("passes the token to the provider of the project as a secret, with half an hour for an up", async () => {
    const { only } = await runMocked("atlas-provider");
    assert.equal(secretOf(only(provider).inputs["accessToken"]), "a-fake-token");
    assert.equal(only(":ServiceAccountToken").inputs["renewBefore"], "30m");
    assert.equal(only(":Project").inputs["orgId"], "an-organization");
    assert.match(only(":Project").provider ?? "", /:pulumi:providers:mongodbatlas::atlas::atlas-id$/);
  });

  it("can be previewed before there is a token", async () => {
    const { only } = await runMocked("atlas-provider", true);
    assert.ok(isUnknown(only(provider).inputs["accessToken"]));
    assert.ok(only(":Project"));
  });
});

describe("the example service-account-in-stack", () => {
  it("gives the token the account's ID and a secret that a refresh does not empty, and exports a secret", async () => {
    const { only, outputs } = await runMocked("service-account-in-stack");
    const clientId = "mdb_sa_id_of_the_mock";
    const token = only(":ServiceAccountToken").inputs;
    assert.deepEqual([token["clientId"], secretOf(token["clientSecret"])], [clientId, "a-secret-of-its-own"]);
    const secret = only(":ServiceAccountSecret").inputs;
    assert.deepEqual([secret["clientId"], secret["orgId"]], [clientId, "an-organization"]);
    assert.ok(await pulumi.isSecret(outputs["accessToken"] as pulumi.Output<string>));
  });

  it("can be previewed before there is an account", async () => {
    const { inputs } = (await runMocked("service-account-in-stack", true)).only(":ServiceAccountToken");
    assert.ok(isUnknown(inputs["clientId"]) && isUnknown(inputs["clientSecret"]));
  });
});

describe("the example government", () => {
  it("sends the credentials to Atlas for Government and nowhere else", async () => {
    const { only } = await runMocked("government");
    assert.equal(only(":ServiceAccountToken").inputs["baseUrl"], "https://cloud.mongodbgov.com");
  });
});
