import { createHash } from "node:crypto";

import type { Endpoint } from "./contract";

/** A request to one of the two endpoints. Holds no secret, no token and no Authorization header. */
export interface LogEntry {
  /** 1 for the first request that arrived. */
  readonly sequence: number;
  /** When it arrived: RFC 3339, UTC. */
  readonly time: string;
  readonly endpoint: Endpoint;
  /** An account's client id; a fingerprint of any other; `null` where no credentials could be read. */
  readonly clientId: string | null;
  readonly userAgent: string | null;
  /** The token to revoke, or the issued one, as it was before the answer; `null` where there is none. */
  readonly token: LoggedToken | null;
  /** The status that was answered, also where an envelope hides it behind a 200; `null` while there is no answer. */
  readonly status: number | null;
}

export interface LoggedToken {
  /** The `jti` of a token that was issued here, otherwise a fingerprint. */
  readonly name: string;
  readonly known: boolean;
  readonly active: boolean;
}

/** Names a text without telling it: what a client sent in the wrong place may be its secret. */
export function fingerprint(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/** An entry while its request is being answered. */
export type OpenEntry = { -readonly [Key in keyof LogEntry]: LogEntry[Key] };

export class Log {
  readonly #entries: OpenEntry[] = [];

  add(seen: Omit<LogEntry, "sequence" | "status">): OpenEntry {
    const entry: OpenEntry = { sequence: this.#entries.length + 1, ...seen, status: null };
    this.#entries.push(entry);
    return entry;
  }

  entries(): LogEntry[] {
    return structuredClone(this.#entries);
  }
}
