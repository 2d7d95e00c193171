import type { IssuedToken, IssueTokenOptions, UnrevokedToken } from "../oauth/issue";
import type { RevokeResult, RevokeTokenOptions } from "../oauth/revoke";
import type { ConfigSources } from "../config";

/** The client as the operations use it. */
export interface Client {
  issue(options: IssueTokenOptions): Promise<IssuedToken | UnrevokedToken>;
  revoke(options: RevokeTokenOptions): Promise<RevokeResult>;
  /** Atlas's clock in milliseconds since the epoch; undefined until a response of this process has told it. */
  atlasNow(): number | undefined;
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

/** Everything that an operation needs in addition to its arguments. One process shares all but the optional fields. */
export interface Context {
  readonly sources: ConfigSources;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Shows a line to the user, below the resource or the stack. */
  readonly print: (line: string) => void;
  /** Loads the client on first use. */
  readonly client: () => Client;
  readonly runState: RunState;
  /** Replaces the retry timeout of five minutes in this call. */
  readonly retryTimeoutMs?: number | undefined;
  /** Ends the waits of this call; a request in flight finishes. */
  readonly waitSignal?: AbortSignal | undefined;
}

/** What a context says of one call to the client. */
export function callOptions({ retryTimeoutMs, waitSignal }: Context): Pick<Context, "retryTimeoutMs" | "waitSignal"> {
  return {
    ...(retryTimeoutMs === undefined ? {} : { retryTimeoutMs }),
    ...(waitSignal === undefined ? {} : { waitSignal }),
  };
}
