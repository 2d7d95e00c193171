import { EnvHttpProxyAgent, Pool, type Dispatcher } from "undici";

import type { Endpoint } from "./endpoint";
import type { Timeouts } from "./client-settings";

/** Connections that one endpoint of an origin may have. */
const CONNECTIONS = 8;

const agents = new Map<string, Dispatcher>();

/**
 * The connections for an endpoint of an origin; made once, so that revokes share theirs.
 *
 * A pool rather than undici's `Agent`, which makes another pool, of as many connections again, each time that the last one
 * of the first is closed: with a fresh connection for every issue that is often.
 *
 * Certificates are always checked: `rejectUnauthorized` is said here because `NODE_TLS_REJECT_UNAUTHORIZED=0` would
 * otherwise decide. `HTTPS_PROXY` and `NO_PROXY` count for https alone: a proxy could read what plain http sends.
 *
 * @throws where `HTTPS_PROXY` is no URL
 */
export function agentFor(origin: string, endpoint: Endpoint, limits: Timeouts): Dispatcher {
  const secure = origin.startsWith("https:");
  const proxy = secure ? (process.env["https_proxy"] ?? process.env["HTTPS_PROXY"] ?? "") : "";
  const key = JSON.stringify([origin, endpoint, proxy, limits]);
  let agent = agents.get(key);
  if (agent === undefined) {
    const tls = { rejectUnauthorized: true, timeout: limits.connectMs };
    const options = {
      connections: CONNECTIONS,
      connect: tls,
      headersTimeout: limits.responseMs,
      bodyTimeout: limits.responseMs,
      allowH2: false,
    };
    agent =
      proxy === ""
        ? new Pool(origin, options)
        : proxyAgent(proxy, { ...options, requestTls: tls, proxyTls: tls }, limits);
    agents.set(key, agent);
  }
  return agent;
}

function proxyAgent(httpsProxy: string, options: EnvHttpProxyAgent.Options, { connectMs }: Timeouts): Dispatcher {
  const clientFactory = (origin: URL, poolOptions: object): Dispatcher =>
    connectionsToProxy(origin, poolOptions, connectMs);
  try {
    return new EnvHttpProxyAgent({ ...options, httpProxy: "", httpsProxy, clientFactory });
  } catch {
    // A missing scheme and a password that is badly encoded have errors of other kinds, which would be tried again.
    throw Object.assign(new TypeError("HTTPS_PROXY is not a URL"), { code: "ERR_INVALID_URL" });
  }
}

/**
 * What carries CONNECT to a proxy: one that is never answered has to give back its place, of which there are few, and one
 * whose connection breaks must not look like a broken connection to the origin, which undici makes anew at once and for ever.
 */
function connectionsToProxy(origin: URL, options: object, connectMs: number): Dispatcher {
  const pool = new Pool(origin, { ...options, headersTimeout: connectMs });
  const connect = pool.connect.bind(pool);
  return Object.assign(pool, {
    connect: (request: Dispatcher.ConnectOptions) =>
      connect(request).catch((cause: unknown) => {
        throw new Error("the proxy could not be reached", { cause });
      }),
  });
}
