import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { fstatSync } from "node:fs";

import { EngineLog } from "./engine-log";
import { Service } from "./service";

/*
 * The executable `pulumi-resource-atlas-token`. The engine starts it with its own address as the argument, reads the port
 * from the first line of its output, and ends it with SIGINT.
 */

/** schema.json with the version of the package, which build.mjs puts here. */
declare const SCHEMA: string;

const BIND_TIMEOUT_MS = 10_000;
const SHUTDOWN_GRACE_MS = 1_000;

const { version } = JSON.parse(SCHEMA) as { version: string };
if (process.argv[2] === "--version") {
  process.stdout.write(`${version}\n`);
  process.exit();
}

// After the engine has ended, an error on its pipes must not end this process, which may still have a token to revoke.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

// What grpc-js logs would appear under the stack; its errors reach the user anyway.
if (process.env["GRPC_VERBOSITY"] === undefined) setLogVerbosity(logVerbosity.NONE);

const log = new EngineLog();
const [address] = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
if (address !== undefined) log.connect(address);

const service = new Service({ schema: SCHEMA, version, log });

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(ResourceProviderService, service.methods);
const bindTimer = setTimeout(() => giveUp("timed out"), BIND_TIMEOUT_MS);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  clearTimeout(bindTimer);
  if (error !== null) giveUp(error.message.split("\n", 1)[0] ?? "");
  else process.stdout.write(`${port}\n`);
});

// Windows has no SIGINT for another process: the engine sends CTRL_BREAK.
for (const signal of ["SIGINT", "SIGTERM", "SIGBREAK"] as const) process.on(signal, () => shutDown(true));
const endOfEngine = (): void => shutDown(false);
if (isPipe(0)) process.stdin.on("end", endOfEngine).on("error", endOfEngine).resume();

let shuttingDown = false;

/**
 * Ends the waits, lets the running calls respond, revokes the ephemeral tokens, and exits.
 *
 * @param isKilled whether the engine will kill this process
 */
function shutDown(isKilled: boolean): void {
  if (shuttingDown) return;
  shuttingDown = true;
  const ended = service.end(isKilled).catch((error: unknown) => log.warn(String(error)));
  void ended.then(() => {
    // Responses may still be on their way to the engine. `tryShutdown` alone would not wait for calls without a connection.
    server.tryShutdown(() => process.exit(0));
    setTimeout(() => process.exit(0), SHUTDOWN_GRACE_MS);
  });
}

/** The engine's end closes the pipe of an executable plugin; a terminal or a file says nothing about the engine. */
function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO();
  } catch {
    return false;
  }
}

function giveUp(reason: string): never {
  process.stderr.write(
    `pulumi-resource-atlas-token cannot listen on 127.0.0.1 (${reason}): allow local connections for this process, then rerun the command\n`,
  );
  process.exit(1);
}
