import { createHash } from "node:crypto";

import type { Endpoint } from "./contract";

/** A request to one of the endpoints. Holds no secret, no token and no Authorization header. */
export interface LogEntry {
  /** 1 for the first request that arrived. */
  readonly sequence: number;
  /** When it arrived: RFC 3339, UTC. */
  readonly time: string;
  readonly endpoint: Endpoint;
  /** The client ID of an account, or a fingerprint of any other ID; `null` without credentials. */
  readonly clientId: string | null;
  readonly userAgent: string | null;
  /** The token to revoke, the issued one, or the one that a request is authorized with, as it was before the response; `null` if there is none. */
  readonly token: LoggedToken | null;
  /** The status of the response, even if an envelope sends it as 200; `null` before the response. */
  readonly status: number | null;
}

export interface LoggedToken {
  /** The `jti` of a token that was issued here, otherwise a fingerprint. */
  readonly name: string;
  readonly known: boolean;
  readonly active: boolean;
}

/** Identifies a text without revealing it, since a client may send its secret in the wrong place. */
export function fingerprint(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/** An entry whose request is being processed. */
export type OpenEntry = { -readonly [Key in keyof LogEntry]: LogEntry[Key] };

export class Log {
  readonly #entries: OpenEntry[] = [];

  add(request: Omit<LogEntry, "sequence" | "status">): OpenEntry {
    const entry: OpenEntry = { sequence: this.#entries.length + 1, ...request, status: null };
    this.#entries.push(entry);
    return entry;
  }

  entries(): LogEntry[] {
    return structuredClone(this.#entries);
  }
}
