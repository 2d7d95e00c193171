import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import net, { type Socket } from "node:net";
import { pipeline } from "node:stream";

import { until } from "./within";
import { contract } from "./oauth/contract";

/** What a server can use to respond. */
export interface Exchange<Context> {
  /** What surrounds the server. */
  readonly context: Context;
  readonly socket: Socket;
  /** Undefined until one was read. */
  readonly request: IncomingMessage | undefined;
}

/** What a server does about a connection or a request. */
export type Behavior<Context = unknown> = (exchange: Exchange<Context>) => void | Promise<void>;

export const silence: Behavior = () => undefined;
export const reset: Behavior = ({ socket }) => void socket.resetAndDestroy();
export const close: Behavior = ({ socket }) => void socket.end();
const timers = createRequire(__filename)("undici/lib/util/timers.js") as { tick(milliseconds: number): void };

/** Lets time pass in undici, as undici's own tests do; the first tick starts the timers that are new. */
export function letPass(milliseconds: number): Behavior {
  return () => {
    timers.tick(0);
    timers.tick(milliseconds);
  };
}

/** The client's ends of its connections, by port. */
export const clientSockets = new Map<number, Socket>();
subscribe("undici:client:connected", (message) => {
  const { socket } = message as { readonly socket: Socket };
  clientSockets.set(socket.localPort ?? 0, socket);
});

/** Does one thing after the other, each once the client has read all that was written before, or is gone. */
export function inTurn<Context>(...behaviors: readonly Behavior<Context>[]): Behavior<Context> {
  return async (exchange) => {
    for (const behave of behaviors) {
      await behave(exchange);
      const { socket } = exchange;
      const client = clientSockets.get(socket.remotePort ?? 0);
      // A reset can overtake what was written.
      const hasRead = (): boolean => client?.destroyed !== false || client.bytesRead >= socket.bytesWritten;
      await until("the client to read what was written", hasRead);
    }
  };
}

/** Does one thing about the first requests, as many as said, and the other about those after them. */
export function first<Context>(
  count: number,
  behave: Behavior<Context>,
  then: Behavior<Context> = healthy,
): Behavior<Context> {
  let requests = 0;
  return (exchange) => (++requests <= count ? behave : then)(exchange);
}

/** Writes bytes as they are. */
export function writes(data: string | Buffer): Behavior {
  return ({ socket }) => void socket.write(data);
}

/** Writes a correct response. */
export function responds(status: number, body: string | Buffer = "", headers: Record<string, string> = {}): Behavior {
  const content = Buffer.from(body);
  const all = Object.entries({ "content-length": content.length, ...headers });
  const head = `HTTP/1.1 ${status} Status\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return writes(Buffer.concat([Buffer.from(head), content]));
}

export const issuedBody = JSON.stringify(contract.issued.body);

/** Issues or revokes. */
export const healthy: Behavior = (exchange) =>
  responds(200, exchange.request?.url?.endsWith("/token") ? issuedBody : "")(exchange);

/** Connects a CONNECT to the host that it names. */
export const tunnel: Behavior = ({ socket, request }) => {
  const [host = "", port = ""] = request!.url!.split(":");
  const established = "HTTP/1.1 200 Connection established\r\n\r\n";
  const target = net.connect({ host, port: Number(port) }, () => socket.write(established));
  pipeline(socket, target, socket, () => undefined);
};
