import { credentials, Metadata, status } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceRequest, LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

const TIMEOUT_MS = 5_000;

/** The engine's log service: a line that names a resource's URN is shown under that resource. */
export class EngineLog {
  #engine: EngineClient | undefined;
  readonly #pending = new Set<Promise<void>>();
  /** How many lines each resource has, and whether the latest is in its status. */
  readonly #lines = new Map<string, { count: number; isStatus: boolean }>();

  /** Connects to the engine; the latest address counts. An empty one, as of a handshake without an engine, changes nothing. */
  connect(address: string): void {
    if (address === "") return;
    this.#engine?.close();
    // Without this option grpc-js would send what is meant for the engine to the machine's HTTP proxy.
    this.#engine = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }

  /** Shows a line under the resource, or under the stack if no URN is given. A line that cannot be sent is dropped. */
  info(message: string, urn = ""): void {
    this.#lines.set(urn, { count: (this.#lines.get(urn)?.count ?? 0) + 1, isStatus: true });
    this.#send(LogSeverity.INFO, message, urn);
  }

  /** The same as a warning, which Pulumi also shows if nobody watches, such as in CI. */
  warn(message: string): void {
    this.#send(LogSeverity.WARNING, message, "");
  }

  /**
   * Replaces the resource's latest line by the count of its lines, as the engine's own summary does: it would repeat that line
   * with every step that follows, and shows it again at the end.
   */
  async endStatus(urn: string): Promise<void> {
    const lines = this.#lines.get(urn);
    if (this.#engine === undefined || lines?.isStatus !== true) return;
    lines.isStatus = false;
    // The engine handles requests in any order.
    await this.flush();
    const message = lines.count === 1 ? "1 message" : `${lines.count} messages`;
    this.#send(LogSeverity.INFO, message, urn, true);
  }

  #send(severity: LogSeverity, message: string, urn: string, isStatus = false): void {
    const engine = this.#engine;
    if (engine === undefined) {
      process.stderr.write(`${message}\n`);
      return;
    }
    const request = new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(isStatus);
    const sent = new Promise<void>((resolve) => {
      engine.log(request, new Metadata(), { deadline: Date.now() + TIMEOUT_MS }, () => resolve());
    }).finally(() => this.#pending.delete(sent));
    this.#pending.add(sent);
  }

  /** Asks the engine for anything and resolves once it responds, or to false if it is gone. */
  isReachable(): Promise<boolean> {
    const engine = this.#engine;
    if (engine === undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + TIMEOUT_MS };
      engine.getRootResource(new GetRootResourceRequest(), new Metadata(), options, (error) =>
        resolve(error?.code !== status.UNAVAILABLE),
      );
    });
  }

  /** Resolves when the engine has received every line so far: a line that arrives after its operation is not shown. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
