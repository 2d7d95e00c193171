import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { startLocalAtlas } from "../../../examples/local-atlas";
import { basic, parsed, paths, type Reply } from "./support";

const main = join(__dirname, "../../../examples/local-atlas/main.ts");

describe("npm run atlas", () => {
  let child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  function start(port: string, ...flags: string[]): ChildProcessByStdio<null, Readable, Readable> {
    child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", main, ...flags], {
      env: { ...process.env, PORT: port },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return child;
  }

  /** What it prints until it listens; its whole greeting is one write. */
  async function greeting(started: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
    const [chunk] = (await once(started.stdout, "data")) as [Buffer];
    return chunk.toString();
  }

  async function outcome(
    started: ChildProcessByStdio<null, Readable, Readable>,
  ): Promise<{ code: number | null; out: string; err: string }> {
    let out = "";
    let err = "";
    started.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    started.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const [code] = (await once(started, "close")) as [number | null];
    return { code, out, err };
  }

  async function post(url: string, body: string): Promise<Reply> {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: basic("local-atlas-client", "local-atlas-secret"),
      },
      body,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it("prints variables and commands that work as they stand", async () => {
    const text = await greeting(start("0"));
    const url = /MONGODB_ATLAS_BASE_URL=(\S+)/.exec(text)?.[1] ?? "";
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(text, /^ {2}export MONGODB_ATLAS_CLIENT_ID=local-atlas-client$/m);
    assert.match(text, /^ {2}export MONGODB_ATLAS_CLIENT_SECRET=local-atlas-secret$/m);
    assert.equal((await post(url + paths.issue, "grant_type=client_credentials")).status, 200);

    const commands = [...text.matchAll(/^ {2}curl (\S+) -d '(.*)'$/gm)];
    assert.equal(commands.length, 3);
    for (const [, target = "", body = ""] of commands) assert.equal((await post(target, body)).status, 200);
    assert.equal((await post(url + paths.revoke, "token=unknown-token")).status, 403);
  });

  it("takes the lifetime, the window and the limit as flags", async () => {
    const text = await greeting(start("0", "--lifetime", "120", "--window", "0.5", "--limit", "2"));
    const url = /MONGODB_ATLAS_BASE_URL=(\S+)/.exec(text)?.[1] ?? "";
    const settings = { lifetimeSeconds: 120, windowSeconds: 0.5, requestsPerWindow: 2, activeTokens: 100 };
    assert.deepEqual(parsed(await post(`${url}/settings`, "{}")), settings);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends cleanly on ${signal}, also with a connection open`, async () => {
      const started = start("0");
      const text = await greeting(started);
      await fetch(`${/MONGODB_ATLAS_BASE_URL=(\S+)/.exec(text)?.[1] ?? ""}/log`);
      const ended = outcome(started);
      started.kill(signal);
      assert.deepEqual(await ended, { code: 0, out: "", err: "" });
    });
  }

  it("says in one line that its port is taken", async () => {
    const taken = await startLocalAtlas();
    const { port } = new URL(taken.url);
    const ended = await outcome(start(port));
    await taken.close();
    assert.deepEqual(ended, {
      code: 1,
      out: "",
      err: `local Atlas: port ${port} on 127.0.0.1 is taken; choose another with PORT=… npm run atlas\n`,
    });
  });

  const mistakes: { port?: string; flags?: string[]; message: string }[] = [
    { port: "http", message: 'PORT must be a whole number from 0 to 65535, not "http"' },
    { port: "65536", message: 'PORT must be a whole number from 0 to 65535, not "65536"' },
    { port: "-1", message: 'PORT must be a whole number from 0 to 65535, not "-1"' },
    { port: "", message: 'PORT must be a whole number from 0 to 65535, not ""' },
    { flags: ["--window", "soon"], message: '--window must be a number, not "soon"' },
    { flags: ["--lifetime", "1.5"], message: "lifetimeSeconds: expected a whole number of seconds" },
    { flags: ["--lifetim", "1"], message: "Unknown option '--lifetim'" },
  ];
  for (const { port = "0", flags = [], message } of mistakes) {
    it(`refuses ${flags.join(" ") || `PORT="${port}"`} in one line`, async () => {
      assert.deepEqual(await outcome(start(port, ...flags)), { code: 1, out: "", err: `local Atlas: ${message}\n` });
    });
  }
});
