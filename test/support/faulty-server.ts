import { once } from "node:events";
import { readFileSync } from "node:fs";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";

import { listen } from "./listen";
import { within } from "./within";
import { healthy, type Behavior } from "./behaviors";

/** What a server does. */
export interface Script<Context = unknown> {
  /** About a connection, before it has read anything. */
  readonly accept?: Behavior<Context>;
  /** About a request; by default it is healthy. */
  readonly respond?: Behavior<Context>;
  /** The file of its certificate, which makes it a TLS server. */
  readonly certificate?: "valid" | "other-name" | "self-signed";
}

/** A server that reads HTTP, and writes what its behaviors write. */
export class FaultyServer<Context = unknown> {
  readonly requests: IncomingMessage[] = [];
  readonly connections: Socket[] = [];
  host = "";
  readonly #server: http.Server;
  /**
   * Connections that the client may keep: for its next revoke, and those that have carried nothing yet, since undici makes
   * one in advance after a request whose body it has ended, and closes it some seconds later.
   */
  readonly #idle = new Set<Socket>();
  #failure: unknown;

  constructor({ accept, respond, certificate }: Script<Context>, context: Context) {
    const pem = (name: string): Buffer => readFileSync(join(__dirname, "..", "faults", "certificates", `${name}.pem`));
    const tls = certificate && { cert: pem(certificate), key: pem("only-for-tests-on-127.0.0.1.key") };
    const run = (behave: Behavior<Context>, socket: Socket, request?: IncomingMessage): void => {
      Promise.resolve({ context, socket, request })
        .then(behave)
        .catch((error: unknown) => {
          this.#failure ??= error;
          socket.destroy();
        });
    };
    const read = (request: IncomingMessage): void => {
      const { socket, url = "" } = request;
      this.requests.push(request);
      if (url.startsWith("/api/oauth/revoke")) this.#idle.add(socket);
      else this.#idle.delete(socket);
      request.resume().once("end", () => run(respond ?? healthy, socket, request));
    };
    this.#server = tls ? https.createServer(tls) : http.createServer();
    this.#server.on("request", read).on("connect", (request: IncomingMessage) => {
      // From here on Node.js neither reads nor closes the connection.
      request.socket.on("end", () => request.socket.end()).resume();
      read(request);
    });
    this.#server.on("connection", (socket: Socket) => {
      this.connections.push(socket);
      // Many tests are about connections that fail.
      socket.on("error", () => undefined);
      if (accept) run(accept, socket);
      else if (!tls) this.#idle.add(socket);
    });
  }

  async listen(): Promise<this> {
    this.host = await listen(this.#server);
    return this;
  }

  /** Fails if the client leaves connections open that are not idle, or a behavior failed. */
  async close(): Promise<void> {
    for (const socket of this.#idle) socket.destroy();
    await within(10, "the client to close its connections", once(this.#server.close(), "close")).finally(() => {
      for (const socket of this.connections) socket.destroy();
    });
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}
