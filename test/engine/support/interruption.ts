import type { Endpoint, LogEntry } from "../../../examples/local-atlas";
import type { CommandOptions } from "../../support/stack";

/** One Ctrl-C while a request is under way, which is answered once Pulumi has taken notice. */
export class Interruption {
  readonly options: CommandOptions;
  readonly #ctrlC = new AbortController();
  readonly #noticed: Promise<void>;
  #at: Endpoint | undefined;

  constructor() {
    let notice: () => void;
    this.#noticed = new Promise((resolve) => (notice = resolve));
    this.options = {
      interrupt: this.#ctrlC.signal,
      onOutput: (text) => {
        if (text.includes("^C received")) notice();
      },
    };
  }

  /** Has it happen at the next request to an endpoint. */
  at(endpoint: Endpoint): CommandOptions {
    this.#at = endpoint;
    return this.options;
  }

  /** For the Atlas of the scenario. */
  readonly before = async ({ endpoint }: LogEntry): Promise<void> => {
    if (endpoint !== this.#at) return;
    this.#at = undefined;
    this.#ctrlC.abort();
    await this.#noticed;
  };
}
