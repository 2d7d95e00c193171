import { Agent, EnvHttpProxyAgent, type Dispatcher } from "undici";

import type { Endpoint } from "./endpoint";
import type { Limits } from "./limits";

/** Connections an origin that one endpoint may hold. */
const CONNECTIONS = 8;

const agents = new Map<string, Dispatcher>();

/**
 * The connections for an endpoint; made once, so that revokes share theirs.
 *
 * Certificates are always checked: `rejectUnauthorized` is said here because `NODE_TLS_REJECT_UNAUTHORIZED=0` would
 * otherwise decide. `HTTPS_PROXY` and `NO_PROXY` count for https alone: a proxy could read what plain http sends.
 *
 * @throws where `HTTPS_PROXY` is no URL
 */
export function agentFor(origin: string, endpoint: Endpoint, limits: Limits): Dispatcher {
  const secure = origin.startsWith("https:");
  const proxy = secure ? (process.env["https_proxy"] ?? process.env["HTTPS_PROXY"] ?? "") : "";
  const key = JSON.stringify([secure, endpoint, proxy, limits]);
  let agent = agents.get(key);
  if (agent === undefined) {
    const tls = { rejectUnauthorized: true, timeout: limits.connectMs };
    const options = {
      connections: CONNECTIONS,
      connect: tls,
      headersTimeout: limits.answerMs,
      bodyTimeout: limits.answerMs,
      allowH2: false,
    };
    agent =
      proxy === ""
        ? new Agent(options)
        : new EnvHttpProxyAgent({ ...options, httpProxy: "", httpsProxy: proxy, requestTls: tls, proxyTls: tls });
    agents.set(key, agent);
  }
  return agent;
}
