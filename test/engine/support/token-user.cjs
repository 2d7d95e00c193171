"use strict";

// A provider as others write them: it keeps the token that its configuration has, and fails like Atlas's API once that has expired.
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

const methods = {
  getPluginInfo: () => new PluginInfo().setVersion("1.0.0"),
  configure: (request) => {
    // The engine wraps the secrets of a provider's configuration.
    const { accessToken } = request.getArgs().toJavaScript();
    token = accessToken.value ?? accessToken;
    return new proto.ConfigureResponse();
  },
  check: (request) => new proto.CheckResponse().setInputs(request.getNews()),
  diff: () => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE),
  create: (request) =>
    logIn().then(() => new proto.CreateResponse().setId("thing").setProperties(request.getProperties())),
  read: (request) => logIn().then(() => new proto.ReadResponse().setId("thing").setProperties(request.getProperties())),
  delete: () => logIn().then(() => new Empty()),
};

const handlers = Object.entries(methods).map(([name, method]) => [
  name,
  async ({ request }, reply) => {
    try {
      reply(null, await method(request));
    } catch ({ message }) {
      reply({ code: grpc.status.UNKNOWN, details: message });
    }
  },
]);
const server = new grpc.Server();
server.addService(ResourceProviderService, Object.fromEntries(handlers));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => console.log(port));
