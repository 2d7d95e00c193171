import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { toProviderError } from "../../support/provider-error";
import { toProperties, toStruct } from "../../support/structs";
import type { Properties } from "../../support/values";
import type { Project } from "./project";

/** The life of a resource, call by call as the engine makes them. */
export interface InstalledHost {
  check(news: Properties): Promise<{ readonly inputs: Properties; readonly failures: readonly { reason: string }[] }>;
  create(inputs: Properties): Promise<{ readonly id: string; readonly outs: Properties }>;
  delete(id: string, outs: Properties): Promise<void>;
}

const orphanGuard = join(__dirname, "../../support/exit-with-parent.cjs");

/**
 * Runs Pulumi's host of dynamic providers as a project has it: its copy of the SDK, its Node.js, its folder. The driver
 * of the other tests runs that of this repository.
 */
export async function withInstalledHost<Result>(
  project: Project,
  config: Readonly<Record<string, string>>,
  use: (host: InstalledHost) => Promise<Result>,
): Promise<Result> {
  const script = project.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const child = spawn(project.node, ["--require", orphanGuard, script, "127.0.0.1:1"], {
    cwd: project.folder,
    env: project.env({ PULUMI_NODEJS_PROJECT: "program" }),
  });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = once(child, "close");
  const endedEarly = ended.then(() => Promise.reject(new Error(`the host of the providers ended:\n${printed}`)));
  try {
    const [port] = (await Promise.race([once(createInterface(child.stdout), "line"), endedEarly])) as [string];
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    try {
      await call((done) => client.configure(new messages.ConfigureRequest().setArgs(toStruct(config)), done));
      return await use(hostOf(client));
    } finally {
      client.close();
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

function hostOf(client: ResourceProviderClient): InstalledHost {
  return {
    async check(news) {
      const request = new messages.CheckRequest().setOlds(toStruct({})).setNews(toStruct(news));
      const answer = await call<messages.CheckResponse>((done) => client.check(request, done));
      return {
        inputs: toProperties(answer.getInputs()),
        failures: answer.getFailuresList().map((failure) => failure.toObject()),
      };
    },
    async create(inputs) {
      const request = new messages.CreateRequest().setProperties(toStruct(inputs));
      const answer = await call<messages.CreateResponse>((done) => client.create(request, done));
      return { id: answer.getId(), outs: toProperties(answer.getProperties()) };
    },
    async delete(id, outs) {
      const request = new messages.DeleteRequest().setId(id).setProperties(toStruct(outs));
      await call((done) => client.delete(request, done));
    },
  };
}

function call<Answer>(send: (done: (error: ServiceError | null, answer: Answer) => void) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send((error, answer) => (error === null ? resolve(answer) : reject(toProviderError(error))));
  });
}
