import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

const LOG_TIMEOUT_MS = 5_000;

/** The engine's log service: a line that names a resource's URN is shown under that resource. */
export class EngineLog {
  #engine: EngineClient | undefined;
  readonly #pending = new Set<Promise<void>>();

  /** Connects to the engine; the latest address counts. An empty one, as of a handshake without an engine, changes nothing. */
  connect(address: string): void {
    if (address === "") return;
    this.#engine?.close();
    // Without this option grpc-js would send what is meant for the engine to the machine's HTTP proxy.
    this.#engine = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }

  /** Shows a line under the resource, or under the stack if no URN is given. A line that cannot be sent is dropped. */
  info(message: string, urn = ""): void {
    this.#send(LogSeverity.INFO, message, urn);
  }

  /** The same as a warning, which Pulumi also shows if nobody watches, such as in CI. */
  warn(message: string): void {
    this.#send(LogSeverity.WARNING, message, "");
  }

  #send(severity: LogSeverity, message: string, urn: string): void {
    const engine = this.#engine;
    if (engine === undefined) {
      process.stderr.write(`${message}\n`);
      return;
    }
    const request = new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn);
    const sent = new Promise<void>((resolve) => {
      engine.log(request, new Metadata(), { deadline: Date.now() + LOG_TIMEOUT_MS }, () => resolve());
    }).finally(() => this.#pending.delete(sent));
    this.#pending.add(sent);
  }

  /** Resolves when the engine has received every line so far: a line that arrives after its operation is not shown. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
