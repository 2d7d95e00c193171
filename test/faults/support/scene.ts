import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

import type { Environment } from "./environment";
import { FaultyServer, type Received, type Script } from "./faulty-server";
import { fullBacklog } from "./full-backlog";
import { proxyUser } from "./secrets";
import type { Stage } from "./stage";

/** What a row counts. */
export interface Seen {
  readonly requests: readonly Received[];
  readonly connections: number;
}

/** Whom a call is made to. */
export interface Target {
  readonly baseUrl: string;
  /** What the server saw that a row is about. */
  readonly seen?: Seen;
  /** What the environment holds meanwhile. */
  readonly env?: Environment;
  /** Looks at what else is to be seen once the call has ended. */
  readonly afterwards?: () => void;
}

/** Sets up what a row speaks of. */
export type Scene = (stage: Stage) => Promise<Target>;

/** Plain http, by a script. */
export function http(script: Script): Scene {
  return async (stage) => {
    const server = await FaultyServer.start(stage, script);
    return { baseUrl: `http://${server.host}`, seen: server };
  };
}

/** A base URL of https. Where no certificate is named, what listens is no TLS server. */
export function https(script: Script): Scene {
  return async (stage) => {
    const server = await FaultyServer.start(stage, script);
    return { baseUrl: `https://${server.host}`, seen: server };
  };
}

/** A port that nobody listens on and nobody else can come to listen on: an open connection holds it. */
export function refused(scheme: "http" | "https", host = "127.0.0.1"): Scene {
  return async (stage) => {
    const listener = net.createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const holder = net.connect((listener.address() as AddressInfo).port, "127.0.0.1");
    const [[accepted]] = (await Promise.all([once(listener, "connection"), once(holder, "connect")])) as [
      [net.Socket],
      unknown,
    ];
    stage.onClose(async () => {
      holder.destroy();
      accepted.destroy();
      listener.close();
      await once(listener, "close");
    });
    return { baseUrl: `${scheme}://${host}:${(holder.address() as AddressInfo).port}` };
  };
}

/** A name that never resolves; too long for DNS, so that no resolver goes and asks. */
export const unknownName: Scene = () => Promise.resolve({ baseUrl: `https://${"x".repeat(64)}.invalid` });

/** A listener that never takes a connection, with no place left for one to wait. */
export const neverAccepts: Scene = async (stage) => ({ baseUrl: `http://127.0.0.1:${await fullBacklog(stage)}` });

/** A proxy between the client and what is behind it; what a row counts is what the proxy sees. */
export function behindProxy(proxy: Script, behind: Script = { certificate: "valid" }): Scene {
  return async (stage) => {
    const target = await FaultyServer.start(stage, behind);
    const server = await FaultyServer.start(stage, proxy);
    const url =
      proxy.certificate === undefined
        ? withPassword("http", server.host)
        : // By name: undici sends the address of a proxy as a server name, of which Node.js warns.
          withPassword("https", server.host.replace("127.0.0.1", "localhost"));
    return { baseUrl: `https://${target.host}`, seen: server, env: { HTTPS_PROXY: url } };
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
    const target = await scene(other.host)(stage);
    return { ...target, afterwards: () => assert.equal(other.connections, 0, "went where nothing should go") };
  };
}

/** The URL of a proxy that takes a password. */
export function withPassword(scheme: string, host: string): string {
  return `${scheme}://${proxyUser.name}:${encodeURIComponent(proxyUser.password)}@${host}`;
}
