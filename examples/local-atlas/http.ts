import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { refusal, type Answer } from "./answer";
import { readBody, type Request } from "./request";

/** What answers a path; `undefined` closes the connection without an answer. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly answer: (request: Request) => Answer | undefined | Promise<Answer | undefined>;
}

export function createHttpServer(routes: ReadonlyMap<string, Route>, now: () => number): Server {
  return createServer((message, response) => {
    void serve(routes, now, message, response);
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
    // The error it may be called with says that the server was closed before, which is what was asked for.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  routes: ReadonlyMap<string, Route>,
  now: () => number,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await answerTo(routes, message);
  if (!answer) {
    response.destroy();
    return;
  }
  response.statusCode = answer.status;
  response.setHeader("date", new Date(now()).toUTCString());
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.end(typeof answer.body === "object" ? answer.body && JSON.stringify(answer.body) : answer.body);
}

async function answerTo(routes: ReadonlyMap<string, Route>, message: IncomingMessage): Promise<Answer | undefined> {
  const [path = "", query] = (message.url ?? "").split("?", 2);
  const route = routes.get(path);
  let body: string | undefined;
  try {
    body = await readBody(message);
  } catch {
    return undefined; // The client went away while it was sending.
  }

  if (!route) return refusal(404, "RESOURCE_NOT_FOUND", "Not Found", `Cannot find resource ${path}.`);
  if (message.method !== route.method) {
    const refused = refusal(405, "METHOD_NOT_ALLOWED", "Method Not Allowed", `${path} takes ${route.method} only.`);
    return { ...refused, headers: { ...refused.headers, allow: route.method } };
  }
  if (body === undefined) {
    return refusal(413, "CONTENT_TOO_LARGE", "Content Too Large", "A body may have 64 KiB at most.");
  }
  return route.answer({ headers: message.headers, query: new URLSearchParams(query), body });
}
