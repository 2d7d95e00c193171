import type { WaitInfo } from "../../../provider/oauth/call";
import { DEFAULT_TIMEOUTS, makeClientSettings, type ClientSettings } from "../../../provider/oauth/client-settings";
import type { Clock } from "../../../provider/oauth/clock";
import type { Endpoint } from "../../../provider/oauth/endpoint";
import { issue } from "../../../provider/oauth/issue";
import { revoke, type RevokeTokenOptions } from "../../../provider/oauth/revoke";
import { ClientSockets } from "./client-sockets";
import { budgets } from "./expected";
import { credentials, tokenToRevoke } from "./secrets";

interface Wait {
  readonly due: number;
  readonly then: () => void;
}

/**
 * A clock for calls on real sockets: the waits between attempts are over at once, and the timeout of an attempt is
 * reached only when a test says so. Its time is the sum of the waits, whatever the machine is busy with.
 */
class SteppingClock implements Clock {
  /** How many attempts were ended by their timeout. */
  attemptsEnded = 0;
  readonly #attemptMs: number;
  readonly #attempts = new Set<() => void>();
  #waits: readonly Wait[] = [];
  #elapsed = 0;
  #next: NodeJS.Immediate | undefined;

  /** @param attemptMs the timeout of an attempt, by which its timer is told from a wait */
  constructor(attemptMs: number) {
    this.#attemptMs = attemptMs;
  }

  now(): number {
    return Date.UTC(2026, 10, 1, 12) + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, then: () => void): () => void {
    if (milliseconds === this.#attemptMs) {
      this.#attempts.add(then);
      return () => void this.#attempts.delete(then);
    }
    const wait = { due: this.#elapsed + milliseconds, then };
    this.#waits = [...this.#waits, wait].sort((one, other) => one.due - other.due);
    this.#schedule();
    return () => void (this.#waits = this.#waits.filter((each) => each !== wait));
  }

  endAttempts(): void {
    for (const end of this.#attempts) {
      this.attemptsEnded++;
      end();
    }
  }

  /** One wait after the other, so that all that follows from the first happens before the second is over. */
  #schedule(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      const [wait, ...others] = this.#waits;
      if (wait === undefined) return;
      this.#waits = others;
      this.#elapsed = wait.due;
      wait.then();
      this.#schedule();
    });
  }
}

/** What surrounds the calls of one test. */
export class Stage {
  readonly clock: SteppingClock;
  /** Ends the calls of the test. */
  readonly caller = new AbortController();
  readonly clientSockets = new ClientSockets();
  readonly #closers: (() => void | Promise<void>)[] = [];

  /** @param faults how many requests are answered as the row says; those after them are answered well */
  constructor(
    attemptMs: number,
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

/** What a call came to. */
export interface Played {
  readonly outcome: { readonly result: unknown } | { readonly error: unknown };
  readonly waits: readonly WaitInfo[];
}

export function settingsFor({ clock }: Stage, timeouts = DEFAULT_TIMEOUTS): ClientSettings {
  return makeClientSettings({ timeouts, retryTimeouts: budgets, clock, random: () => 0 });
}

/** Makes one call; never rejects. */
export async function call(
  endpoint: Endpoint,
  options: Partial<RevokeTokenOptions> & { readonly baseUrl: string },
  settings: ClientSettings,
): Promise<Played> {
  const waits: WaitInfo[] = [];
  const onWait = (wait: WaitInfo): void => {
    waits.push(wait);
    options.onWait?.(wait);
  };
  const all = { ...credentials, token: tokenToRevoke, ...options, onWait };
  try {
    return { outcome: { result: await (endpoint === "issue" ? issue : revoke)(all, settings) }, waits };
  } catch (error) {
    return { outcome: { error }, waits };
  }
}

export type Environment = Readonly<Record<string, string>>;

const OF_INTEREST = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NODE_TLS_REJECT_UNAUTHORIZED"].flatMap(
  (name) => [name, name.toLowerCase()],
);

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
