/* eslint-disable @typescript-eslint/no-require-imports -- these modules of undici have no types, and the plugin's bundler only recognizes a plain `require` */
import type { Dispatcher, EnvHttpProxyAgent as ProxyAgentOfEnvironment, Pool as PoolOfConnections } from "undici";

/*
 * What is used of undici, module by module. Its index installs its agent for everybody's `fetch` on Node.js 20 to 24
 * (nodejs/undici#5500), and Pulumi runs all dynamic providers in one process. Bun replaces the index by a stub that sends
 * nothing (oven-sh/bun#39247).
 */

type Send<Options, Data> = (this: Dispatcher, options: Options) => Promise<Data>;

export const EnvHttpProxyAgent =
  require("undici/lib/dispatcher/env-http-proxy-agent") as typeof ProxyAgentOfEnvironment;
export const Pool = require("undici/lib/dispatcher/pool") as typeof PoolOfConnections;
/** What undici's index makes the methods `request` and `connect` of every dispatcher. */
export const request = require("undici/lib/api/api-request") as Send<
  Dispatcher.RequestOptions,
  Dispatcher.ResponseData
>;
export const connect = require("undici/lib/api/api-connect") as Send<Dispatcher.ConnectOptions, Dispatcher.ConnectData>;
