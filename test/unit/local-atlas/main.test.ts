import assert from "node:assert/strict";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";

import { startLocalAtlas } from "../../../examples/local-atlas";
import { examplePath, startScript, type Ended } from "../examples/child";
import { basic, paths } from "./support";

describe("npm run atlas", () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  function start(port: string, ...flags: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const started = startScript(examplePath("local-atlas", "main.ts"), flags, { PORT: port });
    child = started.child;
    return started;
  }

  /** The greeting is one write. */
  async function greeting(started: ChildProcess): Promise<{ readonly text: string; readonly url: string }> {
    const [chunk] = (await once(started.stdout!, "data")) as [Buffer];
    const text = String(chunk);
    return { text, url: /MONGODB_ATLAS_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)$/m.exec(text)?.[1] ?? "" };
  }

  function post(url: string, body: string): Promise<Response> {
    const authorization = basic("local-atlas-client", "local-atlas-secret");
    const headers = { "content-type": "application/x-www-form-urlencoded", authorization };
    return fetch(url, { method: "POST", headers, body });
  }

  it("prints variables and commands that work, and takes its settings as flags", async () => {
    const started = start("0", "--lifetime", "120", "--window", "0.5", "--limit", "2");
    const { text, url } = await greeting(started.child);
    assert.match(text, /^ {2}export MONGODB_ATLAS_CLIENT_ID=local-atlas-client$/m);
    assert.match(text, /^ {2}export MONGODB_ATLAS_CLIENT_SECRET=local-atlas-secret$/m);
    const settings = { lifetimeSeconds: 120, windowSeconds: 0.5, requestsPerWindow: 2, activeTokens: 100 };
    assert.deepEqual(await (await post(`${url}/settings`, "{}")).json(), settings);
    assert.equal((await post(url + paths.issue, "grant_type=client_credentials")).status, 200);

    const commands = [...text.matchAll(/^ {2}curl (\S+) -d '(.*)'$/gm)];
    assert.equal(commands.length, 3);
    for (const [, target = "", body = ""] of commands) assert.equal((await post(target, body)).status, 200);
    assert.equal((await post(url + paths.revoke, "token=unknown-token")).status, 403);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`exits with 0 on ${signal}, even with a connection open`, async () => {
      const started = start("0");
      const { url } = await greeting(started.child);
      await fetch(`${url}/log`);
      started.child.kill(signal);
      const { code, err } = await started.ended;
      assert.deepEqual({ code, err }, { code: 0, err: "" });
    });
  }

  const inUse = (port: string): string =>
    `port ${port} on 127.0.0.1 is in use; choose another one with PORT=… npm run atlas`;
  const mistakes: { port?: string; flags?: string[]; message: string | ((port: string) => string) }[] = [
    { message: inUse },
    { port: "http", message: 'PORT must be a whole number from 0 to 65535, not "http"' },
    { port: "65536", message: 'PORT must be a whole number from 0 to 65535, not "65536"' },
    { flags: ["--window", "soon"], message: '--window must be a number, not "soon"' },
    { flags: ["--lifetime", "1.5"], message: "lifetimeSeconds: expected a whole number of seconds" },
    { flags: ["--lifetim", "1"], message: "Unknown option '--lifetim'" },
  ];
  it("refuses a port in use and invalid settings in one line", async () => {
    const atlas = await startLocalAtlas();
    const used = new URL(atlas.url).port;
    const ended = await Promise.all(mistakes.map(({ port = used, flags = [] }) => start(port, ...flags).ended));
    await atlas.close();
    for (const [index, { message }] of mistakes.entries()) {
      const err = `Local Atlas: ${typeof message === "string" ? message : message(used)}\n`;
      assert.deepEqual(ended[index], { code: 1, out: "", err });
    }
  });
});
