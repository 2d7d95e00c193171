import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";

const CONNECTED = "undici:client:connected";

/** The client's ends of the connections: a reset can overtake what was sent before it unless somebody has read that. */
export class ClientSockets {
  /** The most that were connected at the same time. */
  peak = 0;
  readonly #byPort = new Map<number, Socket>();
  readonly #remember = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    if (socket.localPort !== undefined) this.#byPort.set(socket.localPort, socket);
    this.peak = Math.max(this.peak, this.open);
  };

  constructor() {
    subscribe(CONNECTED, this.#remember);
  }

  get open(): number {
    return [...this.#byPort.values()].filter(({ destroyed }) => !destroyed).length;
  }

  close(): void {
    unsubscribe(CONNECTED, this.#remember);
  }

  /** Waits until the client has read all that its server wrote, or is gone. */
  async haveRead(server: Socket): Promise<void> {
    const client = this.#byPort.get(server.remotePort ?? 0);
    while (client !== undefined && !client.destroyed && client.bytesRead < server.bytesWritten) await setImmediate();
  }
}
