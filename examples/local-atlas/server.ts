import type { AddressInfo } from "node:net";

import { paths, type Endpoint } from "./contract";
import { adjustSettings, demandFailure, forgetFailures, introspect, showLog } from "./control";
import type { FailureOptions } from "./failures";
import { close, createHttpServer, listen, type Route } from "./http";
import type { LogEntry } from "./log";
import { answerOAuth, type Hooks } from "./oauth";
import type { Settings } from "./settings";
import { createState } from "./state";
import type { IssuedToken } from "./tokens";

export const defaultClientId = "local-atlas-client";
export const defaultClientSecret = "local-atlas-secret";

export interface LocalAtlasOptions extends Partial<Settings>, Hooks {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Each client id with its secret, or with several that are valid at once. Default: one account, both constants. */
  readonly clients?: Readonly<Record<string, string | readonly string[]>>;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export interface LocalAtlas {
  /** The base URL, such as `http://127.0.0.1:8765`. */
  readonly url: string;
  /** May be changed at any time, and counts from the next request on. */
  readonly settings: Settings;
  /** Makes the next requests to an endpoint fail. Demands for one endpoint queue up. */
  failNext(endpoint: Endpoint, status: number, options?: FailureOptions): void;
  /** Replaces an account's secrets, or adds an account. Its tokens live on, as they do on Atlas. */
  setSecrets(clientId: string, secrets: readonly string[]): void;
  /** Removes an account and revokes its tokens. */
  removeClient(clientId: string): void;
  /** The requests to the two endpoints so far, in the order of their arrival. */
  log(): LogEntry[];
  isActive(token: string): boolean;
  /** Every token that was issued, in that order. */
  tokens(): IssuedToken[];
  /** Ends at once, open connections included. */
  close(): Promise<void>;
}

/** Starts a stand-in for Atlas's two OAuth endpoints on 127.0.0.1. Rejects where the port is taken. */
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
    [paths.issue, { method: "POST", answer: (request) => answerOAuth(state, "issue", request, { before, after }) }],
    [paths.revoke, { method: "POST", answer: (request) => answerOAuth(state, "revoke", request, { before, after }) }],
    ["/log", { method: "GET", answer: () => showLog(state) }],
    ["/introspect", { method: "POST", answer: (request) => introspect(state, request) }],
    ["/fail", { method: "POST", answer: (request) => demandFailure(state, request) }],
    ["/succeed", { method: "POST", answer: () => forgetFailures(state) }],
    ["/settings", { method: "POST", answer: (request) => adjustSettings(state, request) }],
  ]);
  const server = createHttpServer(routes, now);
  await listen(server, port);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings: state.settings,
    failNext: (endpoint, status, failure) => {
      state.failures.demand({ ...failure, endpoint, status });
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
