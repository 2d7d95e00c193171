import type { Dispatcher, EnvHttpProxyAgent as ProxyAgent } from "undici";

import { parseUrl } from "../input/base-url";
import type { PATHS } from "./endpoint";
import { connect, EnvHttpProxyAgent, Pool } from "./undici";

/** How long one attempt may take, in milliseconds. */
export interface Timeouts {
  /**
   * To connect, the TLS handshake included.
   *
   * @default 10_000
   */
  readonly connectMs: number;
  /**
   * From the request to the response's headers, and between two pieces of its body.
   *
   * @default 30_000
   */
  readonly responseMs: number;
  /**
   * For all of it: undici's own limits do not end a stalled CONNECT or a body that trickles.
   *
   * @default 45_000
   */
  readonly attemptMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, responseMs: 30_000, attemptMs: 45_000 };

/** In bytes; some proxies add more than the 16 KiB that Node.js allows. */
const MAX_HEADERS = 64 * 1024;

/** Connections that one endpoint of an origin may have. */
const CONNECTIONS = 8;

const agents = new Map<string, Dispatcher>();

/**
 * Returns the connections for an endpoint of an origin; made once, so that revokes share theirs.
 *
 * It is a pool because undici's `Agent` creates another full pool when the last connection of a pool closes, and each issue
 * closes its connection.
 *
 * Certificates are always checked: `NODE_TLS_REJECT_UNAUTHORIZED=0` would decide if `rejectUnauthorized` were not set here.
 * `HTTPS_PROXY` and `NO_PROXY` count for https alone, since a proxy could read what plain http sends.
 *
 * @throws an error with the code `ERR_INVALID_URL` and a message for the user if `HTTPS_PROXY` cannot be used
 */
export function connectionsFor(origin: string, endpoint: keyof typeof PATHS, timeouts: Timeouts): Dispatcher {
  const secure = origin.startsWith("https:");
  const proxy = secure ? (process.env["https_proxy"] ?? process.env["HTTPS_PROXY"] ?? "") : "";
  const key = JSON.stringify([origin, endpoint, proxy, timeouts.connectMs, timeouts.responseMs]);
  let agent = agents.get(key);
  if (agent === undefined) {
    const tls = { rejectUnauthorized: true, timeout: timeouts.connectMs };
    const options = {
      connections: CONNECTIONS,
      connect: tls,
      headersTimeout: timeouts.responseMs,
      bodyTimeout: timeouts.responseMs,
      maxHeaderSize: MAX_HEADERS,
      allowH2: false,
    };
    agent =
      proxy === ""
        ? new Pool(origin, options)
        : proxyAgent(proxy, { ...options, requestTls: tls, proxyTls: tls }, timeouts);
    agents.set(key, agent);
  }
  return agent;
}

function proxyAgent(httpsProxy: string, options: ProxyAgent.Options, { connectMs }: Timeouts): Dispatcher {
  const clientFactory = (origin: URL, poolOptions: object): Dispatcher =>
    connectionsToProxy(origin, poolOptions, connectMs);
  // As in Go programs, a proxy without a scheme is one with http.
  const url = parseUrl(httpsProxy.includes("://") ? httpsProxy : `http://${httpsProxy}`);
  if (url === undefined) throw invalidProxy("HTTPS_PROXY is not a valid URL");
  if (!["http:", "https:"].includes(url.protocol))
    throw invalidProxy("HTTPS_PROXY must start with http:// or https://");
  try {
    return new EnvHttpProxyAgent({
      ...options,
      ...userOnlyAuthorization(url),
      httpProxy: "",
      httpsProxy: url.href,
      clientFactory,
    });
  } catch {
    // For example an invalid percent-encoding in the password. undici's error would be retried.
    throw invalidProxy("HTTPS_PROXY is not a valid URL");
  }
}

/** undici ignores a user name without a password, which is how some proxies take a token. */
function userOnlyAuthorization({ username, password }: URL): { readonly token?: string } {
  if (username === "" || password !== "") return {};
  return { token: `Basic ${Buffer.from(`${decodeURIComponent(username)}:`).toString("base64")}` };
}

function invalidProxy(message: string): Error {
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_URL" });
}

/**
 * Makes the connections that carry CONNECT to a proxy. How long a CONNECT may wait is limited, because it occupies one of few
 * connections (nodejs/undici#2001). Its error is wrapped, because undici would otherwise take it for a lost connection to the
 * origin and reconnect endlessly (nodejs/undici#3897).
 */
function connectionsToProxy(origin: URL, options: object, connectMs: number): Dispatcher {
  const pool = new Pool(origin, { ...options, headersTimeout: connectMs });
  return Object.assign(pool, {
    connect: (request: Dispatcher.ConnectOptions) =>
      connect.call(pool, request).catch((cause: unknown) => {
        throw new Error("the proxy could not be reached", { cause });
      }),
  });
}
