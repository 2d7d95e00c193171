import type { AddressInfo } from "node:net";

import { paths, type Endpoint } from "./contract";
import { adjustSettings, requestFailure, clearFailures, introspect, showLog } from "./control";
import type { FailureOptions } from "./failures";
import { close, createHttpServer, listen, type Route } from "./http";
import { text } from "./http-response";
import type { LogEntry } from "./log";
import { handleRequest, type Hooks } from "./handle-request";
import type { Settings } from "./settings";
import { createState } from "./state";
import { defaultClientId, defaultClientSecret, usage } from "./usage";
import type { IssuedToken } from "./tokens";

export interface LocalAtlasOptions extends Partial<Settings>, Hooks {
  /** Default: 0, any free port. */
  readonly port?: number;
  /** The client IDs, each with one or more valid secrets. Default: `defaultClientId` with `defaultClientSecret`. */
  readonly clients?: Readonly<Record<string, string | readonly string[]>>;
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

export interface LocalAtlas {
  /** The base URL, such as `http://127.0.0.1:8765`. */
  readonly url: string;
  /** May be changed at any time; takes effect with the next request. */
  readonly settings: Settings;
  /** Makes the next requests to an endpoint fail. Failures of one endpoint queue up. */
  failNext(endpoint: Endpoint, status: number, options?: FailureOptions): void;
  /** Replaces the secrets of an account, or adds an account. Its tokens stay active, as on Atlas. */
  setSecrets(clientId: string, secrets: readonly string[]): void;
  /** Removes an account and revokes its tokens. */
  removeClient(clientId: string): void;
  /** The requests to the three endpoints, in the order of arrival. */
  log(): LogEntry[];
  isActive(token: string): boolean;
  /** Every issued token, oldest first. */
  tokens(): IssuedToken[];
  /** Stops the server and closes all connections. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for Atlas's two OAuth endpoints and its status endpoint on 127.0.0.1.
 *
 * @throws UsageError if an option is invalid; the error of `net` if the port is in use
 */
export async function startLocalAtlas(options: LocalAtlasOptions = {}): Promise<LocalAtlas> {
  const {
    port = 0,
    clients = { [defaultClientId]: defaultClientSecret },
    now = Date.now,
    before,
    after,
    ...settings
  } = options;
  const state = createState(clients, settings, now);

  const routes = new Map<string, Route>([
    [paths.issue, { method: "POST", handle: (request) => handleRequest(state, "issue", request, { before, after }) }],
    [paths.revoke, { method: "POST", handle: (request) => handleRequest(state, "revoke", request, { before, after }) }],
    [paths.status, { method: "GET", handle: (request) => handleRequest(state, "status", request, { before, after }) }],
    ["/", { method: "GET", handle: ({ headers }) => text(usage(`http://${headers.host}`)) }],
    ["/log", { method: "GET", handle: () => showLog(state) }],
    ["/introspect", { method: "POST", handle: (request) => introspect(state, request) }],
    ["/fail", { method: "POST", handle: (request) => requestFailure(state, request) }],
    ["/succeed", { method: "POST", handle: () => clearFailures(state) }],
    ["/settings", { method: "POST", handle: (request) => adjustSettings(state, request) }],
  ]);
  const server = createHttpServer(routes, now);
  await listen(server, port);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: state.settings,
    failNext: (endpoint, status, failure) => {
      state.failures.add({ ...failure, endpoint, status });
    },
    setSecrets: (clientId, secrets) => state.accounts.setSecrets(clientId, secrets),
    removeClient: (clientId) => {
      state.accounts.setSecrets(clientId, []);
      for (const { token } of state.tokens.activeOf(clientId)) state.tokens.revoke(token);
    },
    log: () => state.log.entries(),
    isActive: (token) => state.tokens.find(token)?.active ?? false,
    tokens: () => state.tokens.list(),
    close: () => close(server),
  };
}
