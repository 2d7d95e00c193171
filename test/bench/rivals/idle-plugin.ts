import { Server, ServerCredentials, type handleUnaryCall } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

import { issue, revoke } from "./bare";

/* idle as a packaged provider and, with RIVAL=bare-packaged, bare as one. It is bundled the way ours is. */
const bare = process.env["RIVAL"] === "bare-packaged";

function serve<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  const serveCall: handleUnaryCall<Request, Response> = ({ request }, done) =>
    void Promise.resolve(handle(request)).then(
      (response) => done(null, response),
      (error: unknown) => done({ details: String(error) }),
    );
  return serveCall;
}

const check = serve((request: messages.CheckRequest) => new messages.CheckResponse().setInputs(request.getNews()));
const diff = serve(() => new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE));

const server = new Server();
server.addService(ResourceProviderService, {
  getPluginInfo: serve(() => new PluginInfo().setVersion("1.0.0")),
  ...{ checkConfig: check, diffConfig: diff, check, diff },
  configure: serve(() => new messages.ConfigureResponse()),
  create: serve(async (request: messages.CreateRequest) => {
    const inputs = request.getProperties()!.toJavaScript();
    const [issuedAt, expiresAt] = ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"];
    const accessToken = bare ? await issue(inputs as never) : "x".repeat(300);
    const outputs = { ...inputs, accessToken, tokenType: "Bearer", issuedAt, expiresAt };
    return new messages.CreateResponse().setId("idle").setProperties(Struct.fromJavaScript(outputs));
  }),
  delete: serve(async (request: messages.DeleteRequest) => {
    if (bare) await revoke(request.getProperties()!.toJavaScript() as never);
    return new Empty();
  }),
  cancel: serve(() => new Empty()),
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, port) => console.log(port));
