import type { Act } from "./acts";
import type { Environment } from "./environment";
import { FaultyServer, type Script } from "./faulty-server";
import { withPassword, type Scene } from "./scene";
import { Stage } from "./stage";

/** One proxy for rows that run at the same time: the environment names but one. What it does depends on the target. */
export class SharedProxy {
  readonly #acts = new Map<string, Act>();
  readonly #stage = new Stage(Infinity);
  #server: FaultyServer | undefined;

  async start(): Promise<void> {
    this.#server = await FaultyServer.start(this.#stage, {
      respond: (exchange) => this.#acts.get(exchange.request?.target ?? "")?.(exchange),
    });
  }

  close(): Promise<void> {
    return this.#stage.close();
  }

  get env(): Environment {
    return { HTTPS_PROXY: withPassword("http", this.#running.host) };
  }

  /** What the proxy does about a CONNECT to what is behind it; a row counts what the proxy saw of that. */
  scene(respond: Act, behind: Script = { certificate: "valid" }): Scene {
    return async (stage) => {
      const { host } = await FaultyServer.start(stage, behind);
      this.#acts.set(host, respond);
      const requests = this.#running.requests;
      const seen = () => requests.filter(({ target }) => target === host);
      return {
        baseUrl: `https://${host}`,
        seen: {
          get requests() {
            return seen();
          },
          get connections() {
            return new Set(seen().map(({ connection }) => connection)).size;
          },
        },
      };
    };
  }

  get #running(): FaultyServer {
    if (this.#server === undefined) throw new Error("the proxy has not been started");
    return this.#server;
  }
}
