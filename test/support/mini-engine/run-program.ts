import * as server from "@pulumi/pulumi/automation/server";
import { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { projectName, stackName } from "../names";
import type { Program } from "../stack";

interface LanguageServer {
  run(call: { request: RunRequest }, done: (error: Error | undefined) => void): void;
}

/** What the Automation API runs an inline program with. It is not among the SDK's public types. */
const { LanguageServer } = server as unknown as { LanguageServer: new (program: Program) => LanguageServer };

/** With what the SDK connects to the monitor. It is not among its public types, either. */
const { grpcClientOptions } = settings as unknown as { grpcClientOptions: Record<string, unknown> };
// By default what is known of an address is shared by a whole process: where a monitor gets the port of one that is gone,
// its program would be told that nobody listens there.
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

export interface ProgramOptions {
  /** Where the monitor of the program listens. */
  readonly address: string;
  readonly preview: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfig: readonly string[];
}

/** Resolves with the program's own error, if it failed by itself. */
export function runProgram(program: Program, options: ProgramOptions): Promise<Error | undefined> {
  const request = new RunRequest()
    .setProject(projectName)
    .setStack(stackName)
    .setOrganization("organization")
    .setParallel(8)
    .setDryrun(options.preview)
    .setArgsList([options.address])
    .setMonitorAddress(options.address)
    .setConfigsecretkeysList([...options.secretConfig]);
  for (const [key, value] of Object.entries(options.config)) request.getConfigMap().set(key, value);
  return new Promise((resolve) => new LanguageServer(program).run({ request }, resolve));
}
