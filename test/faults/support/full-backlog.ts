import { once } from "node:events";
import net from "node:net";
import { Worker } from "node:worker_threads";

import type { Stage } from "./stage";

/** A thread that listens and is then not there for anybody: in this one Node.js would accept every connection. */
const DEAF_LISTENER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(workerData), 0, 0);
  });
`;
/** More than the shortest backlog of any system holds. */
const FILLERS = 16;

/** Listens on a port whose backlog is full: a connection there is neither made nor refused. Returns the port. */
export async function fullBacklog(stage: Stage): Promise<number> {
  const wake = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(DEAF_LISTENER, { eval: true, workerData: wake, execArgv: [] });
  const [port] = (await once(worker, "message")) as [number];
  const fillers = Array.from({ length: FILLERS }, () => net.connect(port, "127.0.0.1").on("error", () => undefined));
  stage.onClose(async () => {
    for (const filler of fillers) filler.destroy();
    Atomics.notify(new Int32Array(wake), 0);
    await worker.terminate();
  });
  // The first has its place only once the others have been turned away or have theirs.
  await once(fillers[0]!, "connect");
  return port;
}
