import assert from "node:assert/strict";

import {
  defaultBaseUrl,
  defaultClientId,
  governmentProblem,
  candidateSecrets,
  type ResolvedValue,
  type ConfigSources,
} from "../../provider/config";

interface Row {
  readonly description: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function surroundings({ config = {}, env = {} }: Row): ConfigSources {
  return { namespace: "mongodbatlas", config: (key) => config[`mongodbatlas:${key}`], env };
}

describe("the default client id", () => {
  const rows: readonly (Row & { expected: ResolvedValue | undefined })[] = [
    { description: "is none where nothing is said", expected: undefined },
    {
      description: "is that of the configuration before that of the environment",
      config: { "mongodbatlas:clientId": "client-of-the-config" },
      env: { MONGODB_ATLAS_CLIENT_ID: "client-of-the-environment" },
      expected: { value: "client-of-the-config", source: "the stack's configuration (mongodbatlas:clientId)" },
    },
    {
      description: "is that of the environment where the configured one is empty",
      config: { "mongodbatlas:clientId": "" },
      env: { MONGODB_ATLAS_CLIENT_ID: "client-of-the-environment" },
      expected: { value: "client-of-the-environment", source: "the environment variable MONGODB_ATLAS_CLIENT_ID" },
    },
    {
      description: "is none where both are empty",
      config: { "mongodbatlas:clientId": "" },
      env: { MONGODB_ATLAS_CLIENT_ID: "" },
      expected: undefined,
    },
  ];
  for (const row of rows) it(row.description, () => assert.deepEqual(defaultClientId(surroundings(row)), row.expected));
});

describe("the default base URL", () => {
  const everywhere = {
    config: { "mongodbatlas:baseUrl": "https://config.example", "mongodbatlas:isMongodbgovCloud": "true" },
    env: { MONGODB_ATLAS_BASE_URL: "https://environment.example" },
  };
  const environment = {
    value: "https://environment.example",
    source: "the environment variable MONGODB_ATLAS_BASE_URL",
  };
  const rows: readonly (Row & { expected: ResolvedValue })[] = [
    {
      description: "is the configured one first",
      ...everywhere,
      expected: { value: "https://config.example", source: "the stack's configuration (mongodbatlas:baseUrl)" },
    },
    {
      description: "is that of Atlas for Government next, if the configuration says so",
      ...everywhere,
      config: { "mongodbatlas:isMongodbgovCloud": "true" },
      expected: {
        value: "https://cloud.mongodbgov.com",
        source: "the stack's configuration (mongodbatlas:isMongodbgovCloud)",
      },
    },
    {
      description: "is that of the environment next",
      env: everywhere.env,
      config: { "mongodbatlas:isMongodbgovCloud": "false", "mongodbatlas:baseUrl": "" },
      expected: environment,
    },
    {
      description: "is the public Atlas in the end",
      env: { MONGODB_ATLAS_BASE_URL: "" },
      expected: { value: "https://cloud.mongodb.com", source: "the default" },
    },
  ];
  for (const row of rows) it(row.description, () => assert.deepEqual(defaultBaseUrl(surroundings(row)), row.expected));
});

describe("isMongodbgovCloud", () => {
  for (const value of ["true", "false", ""]) {
    it(`may be "${value}"`, () => {
      const config = { "mongodbatlas:isMongodbgovCloud": value };
      assert.equal(governmentProblem(surroundings({ description: value, config })), undefined);
    });
  }
  it("may be absent", () => assert.equal(governmentProblem(surroundings({ description: "" })), undefined));
  for (const value of ["True", "1", "yes", "yes", "null"]) {
    it(`may not be "${value}"`, () => {
      const config = { "mongodbatlas:isMongodbgovCloud": value };
      assert.equal(
        governmentProblem(surroundings({ description: value, config })),
        "the stack's configuration (mongodbatlas:isMongodbgovCloud) must be true or false",
      );
    });
  }
});

describe("the secrets at hand for a client id", () => {
  const input = { value: "fake-secret-of-the-input", source: "the argument clientSecret" };
  const config = {
    value: "fake-secret-of-the-config",
    source: "the stack's configuration (mongodbatlas:clientSecret)",
  };
  const env = {
    value: "fake-secret-of-the-environment",
    source: "the environment variable MONGODB_ATLAS_CLIENT_SECRET",
  };
  const configSecret = { "mongodbatlas:clientSecret": config.value };
  const envSecret = { MONGODB_ATLAS_CLIENT_SECRET: env.value };
  const rows: readonly (Row & { input?: string; expected: readonly ResolvedValue[] })[] = [
    { description: "are none where nothing is said", expected: [] },
    {
      description: "are the input's, the configuration's and the environment's, in this order",
      input: input.value,
      config: configSecret,
      env: envSecret,
      expected: [input, config, env],
    },
    {
      description: "count where the client id beside them is this one",
      config: { ...configSecret, "mongodbatlas:clientId": "this-client" },
      env: { ...envSecret, MONGODB_ATLAS_CLIENT_ID: "this-client" },
      expected: [config, env],
    },
    {
      description: "do not count in the configuration beside another client id",
      config: { ...configSecret, "mongodbatlas:clientId": "another-client" },
      env: envSecret,
      expected: [env],
    },
    {
      description: "do not count in the environment beside another client id",
      config: configSecret,
      env: { ...envSecret, MONGODB_ATLAS_CLIENT_ID: "another-client" },
      expected: [config],
    },
    {
      description: "count of the input whatever the others name",
      input: input.value,
      config: { "mongodbatlas:clientId": "another-client" },
      env: { MONGODB_ATLAS_CLIENT_ID: "another-client" },
      expected: [input],
    },
    {
      description: "count beside an empty client id as beside none",
      config: { ...configSecret, "mongodbatlas:clientId": "" },
      env: { ...envSecret, MONGODB_ATLAS_CLIENT_ID: "" },
      expected: [config, env],
    },
    {
      description: "are none where they are empty",
      input: "",
      config: { "mongodbatlas:clientSecret": "" },
      env: { MONGODB_ATLAS_CLIENT_SECRET: "" },
      expected: [],
    },
    {
      description: "are named once each, by the first place",
      input: env.value,
      config: { "mongodbatlas:clientSecret": env.value },
      env: envSecret,
      expected: [{ ...input, value: env.value }],
    },
    {
      description: "are named once where two of three are the same",
      input: input.value,
      config: { "mongodbatlas:clientSecret": env.value },
      env: envSecret,
      expected: [input, { ...config, value: env.value }],
    },
  ];
  for (const row of rows) {
    it(row.description, () => {
      assert.deepEqual(candidateSecrets("this-client", row.input, surroundings(row)), row.expected);
    });
  }
});
