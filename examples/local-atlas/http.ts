import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { apiError, type HttpResponse } from "./http-response";
import { readBody, type Request } from "./request";

export interface Route {
  readonly method: "GET" | "POST";
  /** Responds to a request; `undefined` closes the connection without a response. */
  readonly handle: (request: Request) => HttpResponse | undefined | Promise<HttpResponse | undefined>;
}

export function createHttpServer(routes: ReadonlyMap<string, Route>, now: () => number): Server {
  return createServer((message, response) => {
    void route(routes, message).then((result) => send(result, response, now));
  });
}

export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Its only error says that the server is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function send(result: HttpResponse | undefined, response: ServerResponse, now: () => number): void {
  if (!result) {
    response.destroy();
    return;
  }
  response.statusCode = result.status;
  response.setHeader("date", new Date(now()).toUTCString());
  for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
  response.end(typeof result.body === "object" ? result.body && JSON.stringify(result.body) : result.body);
}

async function route(routes: ReadonlyMap<string, Route>, message: IncomingMessage): Promise<HttpResponse | undefined> {
  const [path = "", query] = (message.url ?? "").split("?", 2);
  const found = routes.get(path);
  let body: string | undefined;
  try {
    body = await readBody(message);
  } catch {
    return undefined; // The client disconnected while it was sending.
  }

  if (!found) return apiError(404, "Not Found", `Cannot find resource ${path}.`, "RESOURCE_NOT_FOUND");
  if (message.method !== found.method) {
    const error = apiError(405, "Method Not Allowed", `${path} accepts ${found.method} only.`, "METHOD_NOT_ALLOWED");
    return { ...error, headers: { ...error.headers, allow: found.method } };
  }
  if (body === undefined) {
    return apiError(413, "Content Too Large", "The body exceeds 64 KiB.", "CONTENT_TOO_LARGE");
  }
  return found.handle({ headers: message.headers, query: new URLSearchParams(query), body });
}
