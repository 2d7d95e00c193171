import net, { type Socket } from "node:net";
import { pipeline } from "node:stream/promises";

import type { Received } from "./faulty-server";
import { credentials, issuedToken } from "./secrets";
import type { Stage } from "./stage";

/** Where an act takes place. */
export interface Exchange {
  readonly stage: Stage;
  readonly socket: Socket;
  /** Absent while nothing was read. */
  readonly request?: Received | undefined;
  /** Says that the answer is whole, so that the client may keep the connection of a revoke. */
  answered(): void;
}

/** Something that a server does. */
export type Act = (exchange: Exchange) => void | Promise<void>;

/** Text or bytes, or what makes them of the request. */
export type Data = string | Buffer | ((request: Received) => string | Buffer);

export const silence: Act = () => undefined;
export const reset: Act = ({ socket }) => void socket.resetAndDestroy();
export const close: Act = ({ socket }) => void socket.end();
/** The caller ends the call, for a reason that is nobody else's business. */
export const abortCall: Act = ({ stage }) => stage.caller.abort(new Error(credentials.clientSecret));
export const reachAttemptLimit: Act = ({ stage }) => stage.clock.endAttempts();

/** Does one thing after the other, each once the client has read all that was written before. */
export function inTurn(...acts: readonly Act[]): Act {
  return async (exchange) => {
    for (const act of acts) {
      await act(exchange);
      await exchange.stage.clientSockets.haveRead(exchange.socket);
    }
  };
}

/** Writes bytes as they are. */
export function writes(data: Data): Act {
  return ({ socket, request }) => void socket.write(bytesOf(data, request));
}

/** Writes bytes as they are, which make a whole answer. */
export function answersRaw(data: Data): Act {
  return (exchange) => {
    exchange.answered();
    return writes(data)(exchange);
  };
}

/** Answers by the book. */
export function answers(status: number, body: Data = "", headers: Readonly<Record<string, Data>> = {}): Act {
  return answersRaw((request) => {
    const content = Buffer.from(bytesOf(body, request));
    const lines = Object.entries({ "content-length": String(content.length), ...headers }).map(
      ([name, value]) => `${name}: ${bytesOf(value, request).toString()}\r\n`,
    );
    return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`), content]);
  });
}

/** Answers by the book with JSON. */
export function answersJson(status: number, value: unknown, headers: Readonly<Record<string, Data>> = {}): Act {
  return answers(status, JSON.stringify(value), { "content-type": "application/json", ...headers });
}

/** Issues or revokes, as it is asked. */
export const healthy: Act = (exchange) => {
  const revokes = exchange.request?.target.startsWith("/api/oauth/revoke") === true;
  const token = { access_token: issuedToken, expires_in: 3600, token_type: "Bearer" };
  return (revokes ? answers(200) : answersJson(200, token))(exchange);
};

/** Writes a piece again and again, each once the client has read the last, and lets the attempt reach its limit. */
export function trickles(piece: string, times = 20): Act {
  const pieces = Array.from({ length: times }, () => writes(piece));
  return inTurn(...pieces, reachAttemptLimit);
}

/** Writes one piece without an end, as fast as the client takes it. */
export function floods(piece: Buffer, total: number, taken: (bytes: number) => void): Act {
  return async ({ socket }) => {
    function* pieces(): Iterable<Buffer> {
      for (let bytes = 0; bytes < total; bytes += piece.length) {
        taken(bytes);
        yield piece;
      }
    }
    // The client is expected to close the connection under it.
    await pipeline(pieces(), socket).catch(() => undefined);
  };
}

/** Lets a CONNECT through to whom it names. */
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
  if (request === undefined) throw new Error("there is no request to answer yet");
  return data(request);
}
