import { ClientSockets } from "./client-sockets";
import { SteppingClock } from "./stepping-clock";

/** What surrounds one call of a test. */
export class Stage {
  readonly clock: SteppingClock;
  /** The caller of the call, who may end it. */
  readonly caller = new AbortController();
  readonly clientSockets = new ClientSockets();
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(
    attemptMs: number,
    /** How many requests are answered as the row says; those after them are answered well. */
    readonly faults = Infinity,
  ) {
    this.clock = new SteppingClock(attemptMs);
  }

  /** Has something closed in the end, at the same time as all else: a tunnel closes with both its ends. */
  onClose(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.map(async (close) => close()));
    this.clientSockets.close();
  }
}
