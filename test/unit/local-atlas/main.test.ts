import assert from "node:assert/strict";
import { once } from "node:events";

import type { LocalAtlas } from "../../../examples/local-atlas";
import { startFromCommandLine } from "../../../examples/local-atlas/command";
import { examplePath, killWithEverySignal, startScript } from "../examples/child";

describe("npm run atlas", () => {
  let atlas: LocalAtlas;
  before(async () => {
    const flags = ["--lifetime", "120", "--window", "0.5", "--limit", "2"];
    atlas = await startFromCommandLine(flags, { PORT: "0" });
  });
  after(() => atlas.close());

  it("takes its settings as flags, and shows variables and commands that work", async () => {
    const settings = { lifetimeSeconds: 120, windowSeconds: 0.5, requestsPerWindow: 2, activeTokens: 100 };
    assert.deepEqual(atlas.settings, settings);
    const text = await (await fetch(atlas.url)).text();
    const variables = [...text.matchAll(/^ {2}export MONGODB_ATLAS_\w+=(.*)$/gm)].map(([, value]) => value);
    assert.deepEqual(variables, [atlas.url, "local-atlas-client", "local-atlas-secret"]);
    const commands = [...text.matchAll(/^ {2}curl (\S+)(?: -d '(.*)')?$/gm)];
    assert.equal(commands.length, 4);
    for (const [command, url = "", body] of commands) {
      const { status } = await fetch(url, body === undefined ? {} : { method: "POST", body });
      assert.equal(status, 200, command);
    }
    assert.equal((await fetch(`${atlas.url}/api/oauth/revoke`, { method: "POST" })).status, 403);
  });

  const inUse = (): string => new URL(atlas.url).port;
  const refused: [port: () => string, flags: string[], message: RegExp][] = [
    [inUse, [], /^port \d+ on 127\.0\.0\.1 is in use; choose another one with PORT=… npm run atlas$/],
    [() => "http", [], /^PORT must be a whole number from 0 to 65535, not "http"$/],
    [() => "65536", [], /^PORT must be a whole number from 0 to 65535, not "65536"$/],
    [inUse, ["--window", "soon"], /^--window must be a number, not "soon"$/],
    [inUse, ["--lifetime", "1.5"], /^lifetimeSeconds: expected a whole number of seconds$/],
    [inUse, ["--lifetim", "1"], /^Unknown option '--lifetim'$/],
  ];
  for (const [port, flags, message] of refused) {
    it(`refuses to start: ${message.source}`, async () => {
      await assert.rejects(startFromCommandLine(flags, { PORT: port() }), { message });
    });
  }

  it("says how to use it, without starting", async () => {
    const { code, out } = await startScript(examplePath("local-atlas", "main.ts"), ["--help"], {}).ended;
    assert.deepEqual([code, out.includes("listening")], [0, false]);
    for (const flag of ["--lifetime", "--window", "--limit", "PORT"]) assert.ok(out.includes(flag));
  });

  it("exits with 0 on any signal, even with a connection open", async () => {
    const { child, ended } = startScript(examplePath("local-atlas", "main.ts"), ["--limit", "7"], { PORT: "0" });
    try {
      // The greeting is one write.
      const [chunk] = (await once(child.stdout!, "data")) as [Buffer];
      const url = /^Local Atlas is listening on (http:\/\/127\.0\.0\.1:\d+)\./.exec(String(chunk))?.[1] ?? "";
      const settings = await fetch(`${url}/settings`, { method: "POST", body: "{}" });
      assert.match(await settings.text(), /"requestsPerWindow": 7/);
      killWithEverySignal(child);
      const { code, err } = await ended;
      assert.deepEqual({ code, err }, { code: 0, err: "" });
    } finally {
      child.kill("SIGKILL");
    }
  });
});
