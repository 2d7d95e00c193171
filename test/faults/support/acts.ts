import assert from "node:assert/strict";
import { createRequire } from "node:module";
import net, { type Socket } from "node:net";

import type { Received } from "./server";
import { credentials, issuedToken } from "./secrets";
import { timeouts, type Stage } from "./stage";

/** Where an act takes place. */
export interface Exchange {
  readonly stage: Stage;
  readonly socket: Socket;
  /** Absent while nothing was read. */
  readonly request?: Received | undefined;
}

/** Something that a server does. */
export type Act = (exchange: Exchange) => void | Promise<void>;

/** Text or bytes, or what makes them of the request. */
export type Data = string | Buffer | ((request: Received) => string | Buffer);

export const silence: Act = () => undefined;
export const reset: Act = ({ socket }) => void socket.resetAndDestroy();
export const close: Act = ({ socket }) => void socket.end();
/** The caller aborts the call, for a reason that is nobody else's business. */
export const abortCall: Act = ({ stage }) => stage.caller.abort(new Error(credentials.clientSecret));

const timers = createRequire(__filename)("undici/lib/util/timers.js") as { tick(milliseconds: number): void };

/** Lets time pass in undici, whose own tests have this way to do so; the first tick starts the timers that are new. */
export function letPass(milliseconds: number): Act {
  return () => {
    timers.tick(0);
    timers.tick(milliseconds);
  };
}

/** Does one thing after the other, each once the client has read all that was written before. */
export function inTurn(...acts: readonly Act[]): Act {
  return async (exchange) => {
    for (const act of acts) {
      await act(exchange);
      await exchange.stage.hasRead(exchange.socket);
    }
  };
}

/** Does the first thing about the first requests, as many as said, and the other about those after them. */
export function first(count: number, act: Act, then: Act = healthy): Act {
  let requests = 0;
  return (exchange) => (++requests <= count ? act : then)(exchange);
}

/** Writes bytes as they are. */
export function writes(data: Data): Act {
  return ({ socket, request }) => void socket.write(bytesOf(data, request));
}

/** Responds by the book. */
export function responds(status: number, body: Data = "", headers: Readonly<Record<string, string>> = {}): Act {
  return writes((request) => {
    const content = Buffer.from(bytesOf(body, request));
    const lines = Object.entries({ "content-length": content.length, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`), content]);
  });
}

/** Issues or revokes, as it is asked. */
export const healthy: Act = (exchange) => {
  if (exchange.request?.target.startsWith("/api/oauth/revoke") === true) return responds(200)(exchange);
  const token = { access_token: issuedToken, expires_in: 3600, token_type: "Bearer" };
  return responds(200, JSON.stringify(token), { "content-type": "application/json" })(exchange);
};

/** Writes a piece again and again, each once the client has read the last, until the timeout of the attempt. */
export function trickles(piece: string): Act {
  return inTurn(...Array.from({ length: 20 }, () => writes(piece)), ({ stage: { clock } }) => {
    assert.equal(clock.timers, 1, "the attempt ended before its timeout");
    return clock.advance(timeouts.attemptMs);
  });
}

/** Lets a CONNECT through to the host that it names. */
export const tunnel: Act = ({ socket, request }) => {
  const [host = "", port = ""] = request?.target.split(":") ?? [];
  const target = net.connect({ host, port: Number(port) }, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
  });
  // `pipe` hands on the end of a stream but not its death.
  target.on("error", () => undefined).on("close", () => socket.destroy());
  socket.on("close", () => target.destroy());
};

function bytesOf(data: Data, request: Received | undefined): string | Buffer {
  if (typeof data !== "function") return data;
  if (request === undefined) throw new Error("there is no request to respond to yet");
  return data(request);
}
