import assert from "node:assert/strict";

import { FaultyServer, type Script } from "./server";
import { proxyUser } from "./secrets";
import type { Environment, Stage } from "./stage";

/** What a call is made to. */
export interface Target {
  readonly baseUrl: string;
  /** The server whose requests and connections are counted. */
  readonly seen?: FaultyServer;
  /** Whether that server is a proxy of plain http, which sees a request even if Atlas is unreachable. */
  readonly viaProxy?: boolean;
  /** What the environment contains meanwhile. */
  readonly env?: Environment;
}

/** Sets up what a row describes. */
export type Scene = (stage: Stage) => Promise<Target>;

/** Nothing listens on port 1. */
export function refused(host: string, env: Environment = {}): Scene {
  return () => Promise.resolve({ baseUrl: `${host}:1`, env });
}

/** A base URL of http. */
export function http(script: Script, scheme = "http"): Scene {
  return async (stage) => {
    const seen = await FaultyServer.start(stage, script);
    return { baseUrl: `${scheme}://${seen.host}`, seen };
  };
}

/** A base URL of https; without a certificate, what listens is not a TLS server. */
export function https(script: Script): Scene {
  return http(script, "https");
}

/** A proxy between the client and what is behind it; the requests and connections to the proxy are counted. */
export function behindProxy(proxy: Script, behind: Script = { certificate: "valid" }, user?: string): Scene {
  return async (stage) => {
    const target = await FaultyServer.start(stage, behind);
    const seen = await FaultyServer.start(stage, proxy);
    // undici sends the address of a proxy as a server name, of which Node.js warns unless it is a name.
    const [scheme, host] =
      proxy.certificate === undefined ? ["http", seen.host] : ["https", seen.host.replace("127.0.0.1", "localhost")];
    const url = user === undefined ? withPassword(scheme, host) : `${scheme}://${user}@${host}`;
    const viaProxy = proxy.certificate === undefined;
    return { baseUrl: `https://${target.host}`, seen, viaProxy, env: { https_proxy: url } };
  };
}

/** The same with more in the environment. */
export function withEnv(env: Environment, scene: Scene): Scene {
  return async (stage) => {
    const target = await scene(stage);
    return { ...target, env: { ...target.env, ...env } };
  };
}

/** A scene that is given the host of a server that a call must not go near. */
export function keepingAwayFrom(scene: (host: string) => Scene): Scene {
  return async (stage) => {
    const other = await FaultyServer.start(stage, {});
    stage.onClose(() => assert.equal(other.connections, 0, "the client connected to a host that it must not use"));
    return scene(other.host)(stage);
  };
}

/** The URL of a proxy that takes a password. */
export function withPassword(scheme: string, host: string): string {
  return `${scheme}://${proxyUser.name}:${encodeURIComponent(proxyUser.password)}@${host}`;
}
