import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LocalAtlas } from "../../../examples/local-atlas";

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server in front of Local Atlas that passes on every request, unless `respond` returns true. */
export async function startFront(
  atlas: LocalAtlas,
  respond: (incoming: IncomingMessage, response: ServerResponse) => boolean,
): Promise<Front> {
  const server = createServer((incoming, response) => {
    if (respond(incoming, response)) return;
    const { method, headers } = incoming;
    const onward = request(atlas.url + (incoming.url ?? ""), { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    incoming.pipe(onward);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
