import { credentials, type ServiceError } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import type { Place, Run, Stack, StoredToken } from "./stack";

type Properties = Record<string, JavaScriptValue>;

/** The one token of the quickstart. */
interface Resource {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly token: StoredToken;
}

const repository = dirname(dirname(__dirname));

/**
 * Opens a stack without an engine: it calls Pulumi's own host of dynamic providers over gRPC, one step after the other.
 * It knows no other resource than the token of the quickstart, no dependencies and no failures half-way.
 */
export function openHostStack({ env, config }: Place): Stack {
  let resource: Resource | undefined;

  const operate = async (run: (host: Host) => Promise<void>, more: Place["env"] = {}): Promise<Run> => {
    const host = await startHost({ ...env, ...more });
    let succeeded = true;
    try {
      await host.call<unknown>("configure", new messages.ConfigureRequest().setArgs(toStruct({ ...config })));
      await run(host);
    } catch (error) {
      const { details, message } = error as ServiceError;
      host.print(`error: ${details || message}`);
      succeeded = false;
    }
    return { succeeded, output: await host.close() };
  };
  const check = async (host: Host): Promise<Properties> => {
    const olds = toStruct(resource?.inputs ?? {});
    const request = new messages.CheckRequest().setOlds(olds).setNews(toStruct(await runProgram()));
    const response = await host.call<messages.CheckResponse>("check", request);
    const [failure] = response.getFailuresList();
    if (failure) throw new Error(`${failure.getProperty()}: ${failure.getReason()}`);
    return toProperties(response.getInputs());
  };
  const isDue = async (host: Host, old: Resource, inputs: Properties): Promise<boolean> => {
    const request = new messages.DiffRequest().setId(old.id).setOlds(toStruct(old.outputs)).setNews(toStruct(inputs));
    const response = await host.call<messages.DiffResponse>("diff", request);
    return response.getReplacesList().length > 0;
  };
  const create = async (host: Host, inputs: Properties): Promise<void> => {
    const request = new messages.CreateRequest().setProperties(toStruct(inputs));
    const response = await host.call<messages.CreateResponse>("create", request);
    const outputs = toProperties(response.getProperties());
    const token = { accessToken: outputs["accessToken"] as string, expiresAt: outputs["expiresAt"] as string };
    resource = { id: response.getId(), inputs, outputs, token };
    host.print(`+ ${resource.id} created, expires at ${resource.token.expiresAt}`);
  };
  const remove = async (host: Host, { id, outputs }: Resource): Promise<void> => {
    await host.call("delete", new messages.DeleteRequest().setId(id).setProperties(toStruct(outputs)));
    host.print(`- ${id} deleted`);
  };

  return {
    up: () =>
      operate(async (host) => {
        const [inputs, old] = [await check(host), resource];
        if (old && !(await isDue(host, old, inputs))) {
          host.print("unchanged");
          return;
        }
        await create(host, inputs);
        if (old) await remove(host, old);
      }),
    preview: () =>
      operate(async (host) => {
        const inputs = await check(host);
        const replaces = resource && (await isDue(host, resource, inputs));
        host.print(replaces ? `+- ${resource?.id ?? ""} to replace` : "unchanged");
      }),
    destroy: (more) =>
      operate(async (host) => {
        if (resource) await remove(host, resource);
        resource = undefined;
      }, more),
    tokens: () => Promise.resolve(resource ? [resource.token] : []),
  };
}

/** Runs the quickstart with Pulumi's mocks, and returns the inputs of its token. */
async function runProgram(): Promise<Properties> {
  const registered = new Promise<Properties>((resolve, reject) => {
    const mocks: pulumi.runtime.Mocks = {
      newResource: ({ name, inputs }) => {
        resolve(inputs as Properties);
        return { id: name, state: inputs as object };
      },
      call: () => ({}),
    };
    pulumi.runtime.setMocks(mocks, "quickstart", "demo").then(() => {
      const file = require.resolve("../quickstart");
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- so that the program runs each time
      delete require.cache[file];
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would run it only once
      require(file);
    }, reject);
  });
  return registered;
}

interface Host {
  call<Response>(method: Method, request: object): Promise<Response>;
  print(line: string): void;
  /** Ends the host, and returns everything that was printed, by the provider as well. */
  close(): Promise<string>;
}

type Method = "configure" | "check" | "diff" | "create" | "delete";
type Send = (request: object, done: (error: ServiceError | null, response: unknown) => void) => void;

async function startHost(env: Place["env"]): Promise<Host> {
  const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const { PATH = "", HOME = "" } = process.env;
  // The argument is the address of the engine, which the host does not call.
  const child = spawn(process.execPath, [script, "127.0.0.1:1"], {
    cwd: repository,
    env: { PATH, HOME, PULUMI_NODEJS_PROJECT: "quickstart", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  process.once("exit", () => child.kill());
  const lines: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => lines.push(text));
  child.stdout.setEncoding("utf8");
  // Its first line is the port.
  const [port] = (await once(child.stdout, "data")) as [string];
  child.stdout.on("data", (text: string) => lines.push(text));
  const client = new ResourceProviderClient(`127.0.0.1:${port.trim()}`, credentials.createInsecure());
  return {
    call: <Response>(method: Method, request: object) =>
      new Promise<Response>((resolve, reject) => {
        const send = (client[method] as unknown as Send).bind(client);
        send(request, (error, response) => (error ? reject(error) : resolve(response as Response)));
      }),
    print: (line) => void lines.push(`${line}\n`),
    async close() {
      client.close();
      child.kill();
      await closed;
      return lines.join("");
    },
  };
}

function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties);
}

function toProperties(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}
