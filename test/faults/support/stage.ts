import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

import { makeClientSettings, type ClientSettings } from "../../../provider/oauth/client-settings";
import { FakeClock } from "../../support/fake-clock";

/** Those for undici, whose time passes in `letPass`, differ from its own. The one of an attempt is shorter than any wait. */
export const timeouts = { connectMs: 5_000, responseMs: 20_000, attemptMs: 100 };

const CONNECTED = "undici:client:connected";

/** What surrounds the calls of one test. */
export class Stage {
  readonly clock = new FakeClock();
  /** Two attempts are made of a call, and three if the connection is refused. */
  readonly settings: ClientSettings = makeClientSettings({
    timeouts,
    retryTimeouts: { other: 700, refused: 1_000, rateLimit: 0 },
    clock: this.clock,
    random: () => 0,
  });
  /** Aborts the calls of the test. */
  readonly caller = new AbortController();
  /** The most connections of the client at the same time. */
  peak = 0;
  /** The client's ends of the connections, by port. */
  readonly #sockets = new Map<number, Socket>();
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #remember = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    this.#sockets.set(socket.localPort ?? 0, socket);
    this.peak = Math.max(this.peak, this.open);
  };

  constructor() {
    subscribe(CONNECTED, this.#remember);
  }

  /** How many connections of the client are open. */
  get open(): number {
    return [...this.#sockets.values()].filter(({ destroyed }) => !destroyed).length;
  }

  /** Waits until the client has read all that its server wrote, since a reset can overtake it, or is gone. */
  async hasRead(server: Socket): Promise<void> {
    const client = this.#sockets.get(server.remotePort ?? 0);
    while (client !== undefined && !client.destroyed && client.bytesRead < server.bytesWritten) await nextTurn();
  }

  /** Has something closed in the end, at the same time as all else: a tunnel closes with both its ends. */
  onClose(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.map(async (close) => close()));
    unsubscribe(CONNECTED, this.#remember);
    assert.equal(this.clock.timers, 0, "a timer was left behind");
    assert.deepEqual(getEventListeners(this.caller.signal, "abort"), [], "listeners are left at the caller's signal");
  }
}

export type Environment = Readonly<Record<string, string>>;

const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
const OF_INTEREST = [...PROXIES, ...PROXIES.map((name) => name.toLowerCase()), "NODE_TLS_REJECT_UNAUTHORIZED"];

/** Of all variables that the client could look at, leaves only these; returns an undo. */
export function setEnvironment(env: Environment = {}): () => void {
  const before = OF_INTEREST.map((name) => [name, process.env[name]] as const);
  for (const name of OF_INTEREST) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
