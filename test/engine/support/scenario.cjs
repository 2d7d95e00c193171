"use strict";

// What the programs of the scenarios use. It lies beside them and runs in Pulumi's processes, not in that of the tests.
const pulumi = require("@pulumi/pulumi");

exports.pulumi = pulumi;

const isPlugin = process.env.FORM === "plugin";

/** The token of the form that a scenario runs with: for the plugin, what a generated SDK amounts to. */
exports.ServiceAccountToken = isPlugin
  ? class ServiceAccountToken extends pulumi.CustomResource {
      constructor(name, { clientSecret, existingToken, ...args } = {}, options = {}) {
        super(
          "atlas-token:index:ServiceAccountToken",
          name,
          {
            ...args,
            clientSecret: clientSecret && pulumi.secret(clientSecret),
            existingToken: existingToken && pulumi.secret(existingToken),
            accessToken: undefined,
            expiresAt: undefined,
          },
          pulumi.mergeOptions(options, { additionalSecretOutputs: ["accessToken", "clientSecret", "existingToken"] }),
        );
      }
    }
  : require("pulumi-atlas-token").ServiceAccountToken;

/** An explicit instance of the packaged provider. */
exports.Provider = class Provider extends pulumi.ProviderResource {
  constructor(name, { clientSecret, ...args }) {
    super("atlas-token", name, { ...args, clientSecret: pulumi.secret(clientSecret) });
  }
};

// Serialized into the state: it must not capture anything.
const provider = {
  async create(inputs) {
    await log("create", inputs.token);
    return { id: "consumer", outs: inputs };
  },
  async update(_id, olds, news) {
    await log("update", olds.token, news.token);
    return { outs: news };
  },
  async delete(_id, props) {
    await log("delete", props.token);
  },
};

async function log(operation, ...tokens) {
  const found = [];
  for (const token of tokens) {
    const body = new URLSearchParams({ token });
    const response = await fetch(`${process.env.MONGODB_ATLAS_BASE_URL}/introspect`, { method: "POST", body });
    found.push((await response.json()).active ? "active" : "inactive");
  }
  require("node:fs").appendFileSync("uses.log", `${operation}: ${found.join(" to ")}\n`);
}

/** Depends on a token: whenever an operation works on it, it asks Atlas whether the token that it has is active. */
exports.Consumer = class Consumer extends pulumi.dynamic.Resource {
  constructor(name, token, options) {
    super(provider, name, { token }, options, "test", "Consumer");
  }
};
