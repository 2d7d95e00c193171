import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";

import type { Endpoint } from "../../../provider/oauth/http/endpoint";
import { listen } from "../listen";
import { contract, endpoints, type DocumentedFailure } from "./contract";

/** The server's time; this machine's is another, so that a mix-up shows. */
export const serverTime = Date.UTC(2026, 10, 1, 15);
export const serverDate = new Date(serverTime).toUTCString();

/** A request as it arrived. */
export interface Received {
  readonly endpoint: Endpoint | undefined;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer; a body that is no text is sent as JSON. No header is sent that is not named here. */
export interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
  /** Breaks the connection off behind the body, of which more was announced. */
  readonly cut?: boolean;
  /** Breaks the connection off instead. */
  readonly reset?: boolean;
}
export type Script = Scripted | ((received: Received) => Scripted | Promise<Scripted>);

/** A server on loopback that responds by a script and remembers the requests. */
export class ScriptedServer {
  readonly received: Received[] = [];
  baseUrl = "";
  readonly #scripts: Record<Endpoint, Script[]> = { issue: [], revoke: [] };
  readonly #server: Server;
  #failure: unknown;

  private constructor() {
    this.#server = createServer((request, response) => {
      // A test decides on the Date, which is what tokens' times come from.
      response.sendDate = false;
      this.#answer(request)
        .then(({ status, headers = {}, body = "", cut = false, reset = false }) => {
          if (reset) return void response.destroy();
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          response.statusCode = status;
          const bytes = Buffer.isBuffer(body)
            ? body
            : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
          if (!cut) return void response.end(bytes);
          response.setHeader("content-length", bytes.length + 1);
          response.write(bytes, () => response.destroy());
        })
        .catch((error: unknown) => {
          this.#failure ??= error;
          response.destroy();
        });
    });
  }

  static async start(): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    scripted.baseUrl = `http://${await listen(scripted.#server)}`;
    return scripted;
  }

  /** Says how an endpoint responds, in order; the last response is repeated. */
  script(endpoint: Endpoint, ...answers: readonly [Script, ...Script[]]): void {
    this.#scripts[endpoint] = [...answers];
  }

  /** The requests for one endpoint. */
  to(endpoint: Endpoint): readonly Received[] {
    return this.received.filter((each) => each.endpoint === endpoint);
  }

  /** @throws what went wrong while it responded, a request that nobody scripted included */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #answer(request: IncomingMessage): Promise<Scripted> {
    const { method = "", url: target = "", headers } = request;
    const endpoint = endpoints.find((each) => paths[each] === target.split("?")[0]);
    const received = { endpoint, method, target, headers, body: await text(request) };
    this.received.push(received);
    assert.ok(endpoint !== undefined, `nobody scripted ${method} ${target}`);
    const scripts = this.#scripts[endpoint];
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    assert.ok(script !== undefined, `nobody scripted ${method} ${target}`);
    return typeof script === "function" ? script(received) : script;
  }
}

const paths: Readonly<Record<Endpoint, string>> = { issue: contract.tokenPath, revoke: contract.revokePath };

/** Gives every test of a suite a server of its own. */
export function useScriptedServer(): () => ScriptedServer {
  let server: ScriptedServer | undefined;
  beforeEach(async () => {
    server = await ScriptedServer.start();
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  return () => {
    assert.ok(server, "only within a test");
    return server;
  };
}

/** The documented response of the token endpoint, with other fields and headers if they are given. */
export function issued(body: object = {}, headers: Scripted["headers"] = { date: serverDate }): Scripted {
  return {
    status: contract.issued.status,
    headers: { ...contract.issued.headers, ...headers },
    body: { ...contract.issued.body, ...body },
  };
}

/** A documented failure, as it is sent without an envelope. */
export function documented({ status, headers, body }: DocumentedFailure): Scripted {
  return { status, headers, ...(body === null ? {} : { body }) };
}
