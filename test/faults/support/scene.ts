import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";

import { FaultyServer, type Received, type Script } from "./faulty-server";
import { proxyUser } from "./secrets";
import type { Environment, Stage } from "./stage";

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

/** A base URL of http. */
export function http(script: Script, scheme = "http"): Scene {
  return async (stage) => {
    const server = await FaultyServer.start(stage, script);
    return { baseUrl: `${scheme}://${server.host}`, seen: server };
  };
}

/** A base URL of https; without a certificate, what listens is not a TLS server. */
export function https(script: Script): Scene {
  return http(script, "https");
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

/** A thread that listens and accepts nothing; in this thread Node.js would accept every connection. */
const DEAF_LISTENER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(workerData), 0, 0);
  });
`;

/** A listener with a full backlog: a connection to it is neither made nor refused. */
export const neverAccepts: Scene = async (stage) => {
  const wake = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(DEAF_LISTENER, { eval: true, workerData: wake, execArgv: [] });
  const [port] = (await once(worker, "message")) as [number];
  // More than the shortest backlog of any system holds.
  const fillers = Array.from({ length: 16 }, () => net.connect(port, "127.0.0.1").on("error", () => undefined));
  stage.onClose(async () => {
    for (const filler of fillers) filler.destroy();
    Atomics.notify(new Int32Array(wake), 0);
    await worker.terminate();
  });
  // The first has its place only once the others have been turned away or have theirs.
  await once(fillers[0]!, "connect");
  return { baseUrl: `http://127.0.0.1:${port}` };
};

/** A proxy between the client and what is behind it; what a row counts is what the proxy sees. */
export function behindProxy(proxy: Script, behind: Script = { certificate: "valid" }, user?: string): Scene {
  return async (stage) => {
    const target = await FaultyServer.start(stage, behind);
    const server = await FaultyServer.start(stage, proxy);
    // undici sends the address of a proxy as a server name, of which Node.js warns unless it is a name.
    const [scheme, host] =
      proxy.certificate === undefined
        ? ["http", server.host]
        : ["https", server.host.replace("127.0.0.1", "localhost")];
    const url = user === undefined ? withPassword(scheme, host) : `${scheme}://${user}@${host}`;
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
