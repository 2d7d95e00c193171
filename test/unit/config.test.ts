import assert from "node:assert/strict";

import {
  candidateSecrets,
  configCommand,
  defaultBaseUrl,
  defaultClientId,
  governmentProblem,
  otherClientIdFromEnvironment,
  secretProblem,
  type ConfigKey,
  type ConfigSources,
} from "../../provider/config";

interface Sources {
  readonly config?: Partial<Record<ConfigKey, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly namespace?: ConfigSources["namespace"];
}

function sourcesWith({ config = {}, env = {}, namespace = "mongodbatlas" }: Sources): ConfigSources {
  return { namespace, config: (key) => config[key], env };
}

const everywhere = {
  config: { clientId: "config-client", clientSecret: "config-secret", baseUrl: "https://config.example" },
  env: {
    MONGODB_ATLAS_CLIENT_ID: "env-client",
    MONGODB_ATLAS_CLIENT_SECRET: "env-secret",
    MONGODB_ATLAS_BASE_URL: "https://env.example",
  },
};

describe("the default client ID and base URL", () => {
  const { env, config } = everywhere;
  const rows: readonly (readonly [title: string, Sources, expected: readonly unknown[]])[] = [
    ["are those of the configuration first", everywhere, ["config-client", "https://config.example"]],
    ["are those of the environment next", { env }, ["env-client", "https://env.example"]],
    [
      "are those of the environment if the configuration is blank",
      { env, config: { clientId: " ", baseUrl: "", isMongodbgovCloud: "" } },
      ["env-client", "https://env.example"],
    ],
    ["are none, and public Atlas, without any", {}, [undefined, "https://cloud.mongodb.com"]],
    [
      "are those of Atlas for Government by configuration, with white space around true",
      { env, config: { isMongodbgovCloud: " true\n" } },
      ["env-client", "https://cloud.mongodbgov.com"],
    ],
    [
      "are those of a configured base URL before Atlas for Government",
      { config: { isMongodbgovCloud: "true", baseUrl: `${config.baseUrl}\n` } },
      [undefined, config.baseUrl],
    ],
  ];
  for (const [title, sources, expected] of rows) {
    it(title, () => {
      const all = sourcesWith(sources);
      assert.deepEqual([defaultClientId(all)?.value, defaultBaseUrl(all).value], expected);
    });
  }

  it("name their source, in the words of each form", () => {
    const all = [everywhere, { ...everywhere, namespace: "atlas-token" } as const, { env }];
    assert.deepEqual(
      all.map((sources) => defaultClientId(sourcesWith(sources))?.source),
      [
        "mongodbatlas:clientId in the stack's configuration",
        "atlas-token:clientId in the provider's configuration",
        "the environment variable MONGODB_ATLAS_CLIENT_ID",
      ],
    );
  });

  it("accept nothing but true and false for isMongodbgovCloud", () => {
    const problems = ["", "true", "false", "true\n", "True", "1", "yes"].map(
      (isMongodbgovCloud) => governmentProblem(sourcesWith({ config: { isMongodbgovCloud } })) !== undefined,
    );
    assert.deepEqual(problems, [false, false, false, false, true, true, true]);
  });
});

describe("the client secrets for a client ID", () => {
  const env = { MONGODB_ATLAS_CLIENT_SECRET: "env-secret" };
  const config = { clientSecret: "config-secret" };
  const rows: readonly (readonly [title: string, Sources & { readonly argument?: string }, secrets: string[]])[] = [
    ["are none without any", {}, []],
    [
      "are those of the argument, the configuration and the environment, in that order",
      { argument: "argument", config, env },
      ["argument", "config-secret", "env-secret"],
    ],
    [
      "count if the paired client ID is the same, also with white space around it",
      { config: { ...config, clientId: "client\n" }, env: { ...env, MONGODB_ATLAS_CLIENT_ID: " client" } },
      ["config-secret", "env-secret"],
    ],
    ["do not count if another client ID is paired with them", everywhere, []],
    [
      "appear once, without white space, and blank ones do not",
      { argument: "same", config: { clientSecret: " \n" }, env: { MONGODB_ATLAS_CLIENT_SECRET: "same\n" } },
      ["same"],
    ],
    ["are no client IDs", { argument: "mdb_sa_id_fake", env }, ["env-secret"]],
  ];
  for (const [title, { argument, ...sources }, expected] of rows) {
    it(title, () => {
      const secrets = candidateSecrets("client", argument, sourcesWith(sources)).map(({ value }) => value);
      assert.deepEqual(secrets, expected);
    });
  }

  it("have a problem if a client ID is in their place, unless it is paired with another one", () => {
    const swapped = { MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_id_fake" };
    const problem = secretProblem("client", sourcesWith({ env: swapped })) ?? "";
    assert.match(problem, /^the environment variable .* client ID was given$/);
    const paired = { ...swapped, MONGODB_ATLAS_CLIENT_ID: "other" };
    assert.equal(secretProblem("client", sourcesWith({ env: paired })), undefined);
  });
});

describe("the client ID that a program gets from the environment", () => {
  it("is named if it is another one and nothing precedes it, and never if it is a client secret", () => {
    const other = (sources: Sources): string | undefined =>
      otherClientIdFromEnvironment("client", sourcesWith(sources));
    assert.equal(other({ env: everywhere.env }), "env-client");
    const none = ["client", "mdb_sa_sk_fake"].map((id) => ({ env: { MONGODB_ATLAS_CLIENT_ID: id } }));
    for (const sources of [everywhere, {}, ...none]) assert.equal(other(sources), undefined);
  });
});

describe("the command that configures a value", () => {
  it("encrypts a client secret", () => {
    const sources = sourcesWith({ namespace: "atlas-token" });
    assert.equal(configCommand("clientId", sources), "pulumi config set atlas-token:clientId …");
    assert.equal(configCommand("clientSecret", sources), "pulumi config set --secret atlas-token:clientSecret");
  });
});
