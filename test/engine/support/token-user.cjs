"use strict";

// A provider as others write them: it keeps the token that its configuration has, and fails like Atlas's API when that has expired.
const { fstatSync } = require("node:fs");

const grpc = require("@grpc/grpc-js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const proto = require("@pulumi/pulumi/proto/provider_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");

let token;

async function logIn() {
  const body = new URLSearchParams({ token });
  const response = await fetch(`${process.env.MONGODB_ATLAS_BASE_URL}/introspect`, { method: "POST", body });
  if (!(await response.json()).active) throw new Error("401 Unauthorized: You are not authorized for this resource.");
}

function message(Type, fields) {
  const result = new Type();
  for (const [name, value] of Object.entries(fields)) result[`set${name}`](value);
  return result;
}

// What the examples use of the Atlas provider.
const text = { type: "string" };
const schema = {
  name: "mongodbatlas",
  version: "4.0.0",
  meta: { moduleFormat: "(.*)(?:/[^/]*)" },
  language: { go: { importBasePath: "github.com/pulumi/pulumi-mongodbatlas/sdk/v4/go/mongodbatlas" } },
  provider: { inputProperties: { accessToken: text } },
  resources: {
    "mongodbatlas:index/project:Project": {
      inputProperties: { orgId: text },
      requiredInputs: ["orgId"],
      properties: { orgId: text },
    },
  },
};
const checked = (request) => message(proto.CheckResponse, { Inputs: request.getNews() });
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
let cancel;
const cancelled = new Promise((resolve) => (cancel = resolve));
const methods = {
  cancel: () => {
    cancel();
    return new Empty();
  },
  getPluginInfo: () => message(PluginInfo, { Version: "1.0.0" }),
  getSchema: () => message(proto.GetSchemaResponse, { Schema: JSON.stringify(schema) }),
  checkConfig: checked,
  diffConfig: (request) => {
    const [olds, news] = [request.getOlds(), request.getNews()].map((config) => JSON.stringify(config.toJavaScript()));
    return message(proto.DiffResponse, { Changes: olds === news ? DIFF_NONE : DIFF_SOME });
  },
  configure: (request) => {
    // The engine wraps the secrets of a provider's configuration.
    const { accessToken } = request.getArgs().toJavaScript();
    token = accessToken.value ?? accessToken;
    return new proto.ConfigureResponse();
  },
  check: checked,
  diff: () => message(proto.DiffResponse, { Changes: DIFF_NONE }),
  create: async (request) => {
    await logIn();
    // What takes long to create: the token must be active until the end, also for a while after Cancel.
    const { waitFor } = request.getProperties().toJavaScript();
    if (waitFor && !request.getPreview()) {
      await Promise.all([fetch(waitFor), cancelled]);
      for (let use = 0; use < 200; use++) await logIn();
    }
    return message(proto.CreateResponse, { Id: "thing", Properties: request.getProperties() });
  },
  read: async (request) => {
    await logIn();
    return message(proto.ReadResponse, {
      Id: "thing",
      Properties: request.getProperties(),
      Inputs: request.getInputs(),
    });
  },
  delete: async () => {
    await logIn();
    return new Empty();
  },
};

// The pipe ends with the engine, also with one that was killed.
if (fstatSync(0).isFIFO()) process.stdin.on("end", () => process.exit()).resume();

const server = new grpc.Server();
const handlers = Object.entries(methods).map(([name, method]) => [
  name,
  ({ request }, reply) =>
    Promise.resolve(request)
      .then(method)
      .then(
        (response) => reply(null, response),
        ({ message: details }) => reply({ code: grpc.status.UNKNOWN, details }),
      ),
]);
server.addService(ResourceProviderService, Object.fromEntries(handlers));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => console.log(port));
