import type { IssuedToken, IssueTokenOptions, UnrevokedToken } from "../oauth/issue";
import type { RevokeTokenOptions } from "../oauth/revoke";
import type { ConfigSources } from "../config";

/** The client as the operations use it; loaded only by those that talk to Atlas. */
export interface Client {
  issue(options: IssueTokenOptions): Promise<IssuedToken | UnrevokedToken>;
  revoke(options: RevokeTokenOptions): Promise<void>;
}

/** What the operations remember within one process, that is, within one run of Pulumi. */
export class RunState {
  /** Ids that were read and not compared since: the comparison that follows a read is a search for drift. */
  readonly justRead = new Set<string>();
  /** Ids that this run decided to replace. */
  readonly replaced = new Set<string>();
  /** The id of the newest token issued in this run, by logical name. */
  readonly issued = new Map<string, string>();
  /** The secret that Atlas accepted, by client id, where another one was refused. */
  readonly accepted = new Map<string, string>();
}

/** Everything an operation needs beside its arguments. */
export interface Context {
  readonly sources: ConfigSources;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Shows a line under the preview's or the run's Diagnostics. */
  readonly print: (line: string) => void;
  /** Loads the client on first use. */
  readonly client: () => Client;
  readonly runState: RunState;
}
