import { once } from "node:events";
import { readFileSync } from "node:fs";
import net, { type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import tls from "node:tls";

import { healthy, type Act, type Exchange } from "./acts";
import type { Stage } from "./stage";

export type Certificate = "valid" | "other-name" | "self-signed";

/** What a server does. */
export interface Script {
  /** To a connection, before it has read anything. */
  readonly accept?: Act;
  /** About a request; responds well by default. */
  readonly respond?: Act;
  /** Makes it a TLS server. */
  readonly certificate?: Certificate;
}

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  /** Path and query; of a CONNECT, host and port. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Which connection of its server it came by, counted from 1. */
  readonly connection: number;
}

/** Long enough for any timeout that a test sets; passes only if a test fails. */
const GRACE = 10_000;

/** Loopback, and nothing between a script and the bytes: what HTTP libraries refuse to send is sent. */
export class FaultyServer {
  readonly requests: Received[] = [];
  connections = 0;
  readonly #stage: Stage;
  readonly #script: Script;
  readonly #server: net.Server;
  readonly #open = new Set<Socket>();
  /**
   * Those that the client may keep: for its next revoke after one, and those that have carried nothing yet, since undici
   * makes one, for nothing, after a request whose body it has ended, and closes it some seconds later.
   */
  readonly #idle = new Set<Socket>();
  #failure: unknown;

  private constructor(stage: Stage, script: Script) {
    this.#stage = stage;
    this.#script = script;
    const { certificate } = script;
    const pem = (name: string): Buffer => readFileSync(join(__dirname, "..", "certificates", `${name}.pem`));
    const key = "only-for-tests-on-127.0.0.1.key";
    this.#server =
      certificate === undefined ? net.createServer() : tls.createServer({ cert: pem(certificate), key: pem(key) });
    this.#server.on("connection", (socket: Socket) => this.#accept(socket));
    this.#server.on(certificate === undefined ? "connection" : "secureConnection", (socket: Socket) =>
      this.#serve(socket),
    );
  }

  static async start(stage: Stage, script: Script): Promise<FaultyServer> {
    const server = new FaultyServer(stage, script);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    stage.onClose(() => server.#close());
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#open.add(socket);
    // A connection that goes away is what many rows are about.
    socket.on("error", () => undefined).on("close", () => this.#open.delete(socket));
    if (this.#script.accept !== undefined) this.#act(this.#script.accept, { socket });
    else if (this.#script.certificate === undefined) this.#idle.add(socket);
  }

  #serve(socket: Socket): void {
    const connection = this.connections;
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      this.#idle.delete(socket);
      bytes = Buffer.concat([bytes, chunk]);
      const request = parse(bytes, connection);
      if (request === undefined) return;
      bytes = Buffer.alloc(0);
      this.requests.push(request);
      if (request.target.startsWith("/api/oauth/revoke")) this.#idle.add(socket);
      // A tunnel carries what is none of its proxy's business.
      if (request.method === "CONNECT") socket.off("data", read).resume();
      this.#act(this.#script.respond ?? healthy, { socket, request });
    };
    socket.on("error", () => undefined).on("data", read);
  }

  #act(act: Act, exchange: Omit<Exchange, "stage">): void {
    Promise.resolve()
      .then(() => act({ stage: this.#stage, ...exchange }))
      .catch((error: unknown) => {
        this.#failure ??= error;
        exchange.socket.destroy();
      });
  }

  /** Proves that the client holds nothing open but what it may: waits until it has closed the rest. */
  async #close(): Promise<void> {
    for (const socket of this.#idle) socket.destroy();
    const giveUp = setTimeout(() => {
      this.#failure ??= new Error(`the client left ${this.#open.size} connections open`);
      for (const socket of this.#open) socket.destroy();
    }, GRACE);
    this.#server.close();
    await once(this.#server, "close");
    clearTimeout(giveUp);
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

function parse(bytes: Buffer, connection: number): Received | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Map(lines.map((line) => [line.split(":")[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, "")]));
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers.get("content-length") ?? 0)) return undefined;
  return { method, target, headers, body: body.toString("utf8"), connection };
}
