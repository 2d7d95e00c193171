import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderError } from "../../support/provider-error";
import { startProviderHost, type ProviderHost, type ProviderHostOptions } from "../../support/provider-host";

/** A provider as the state holds it: text. */
function providerOf(methods: string): { readonly __provider: string } {
  return { __provider: `exports.handler = () => ({ ${methods} });` };
}

describe("the provider host", () => {
  const started: ProviderHost[] = [];

  async function start(options: Partial<ProviderHostOptions> = {}, config = {}): Promise<ProviderHost> {
    const host = await startProviderHost({ cwd: tmpdir(), ...options });
    started.push(host);
    await host.configure(config);
    return host;
  }

  afterEach(async () => {
    await Promise.all(started.splice(0).map((host) => host.close()));
  });

  it("answers each call with what the provider answered", async () => {
    const provider = providerOf(`
      configure: async (req) => { this.greeting = req.config.get("greeting"); },
      check: async (olds, news) => ({
        inputs: { ...news, before: olds.size ?? null },
        failures: [{ property: "size", reason: this.greeting }],
      }),
      diff: async (id, olds, news) => ({
        changes: olds.size !== news.size,
        replaces: [id],
        deleteBeforeReplace: true,
      }),
      create: async (inputs) => ({ id: "created", outs: { size: inputs.size } }),
      read: async (id, props) => ({ id: id + "!", props: { size: props.size }, inputs: { size: 3 } }),
      update: async (id, olds, news) => ({ outs: { id, from: olds.size, to: news.size } }),
      delete: async (id, props) => { console.log("deleted", id, props.size); },
    `);
    const host = await start({ project: "mine" }, { "mine:greeting": "hello" });
    assert.deepEqual(await host.check({ ...provider, size: 1 }, { ...provider, size: 2 }), {
      inputs: { ...provider, size: 2, before: 1 },
      failures: [{ property: "size", reason: "hello" }],
    });
    assert.deepEqual(await host.diff("it", { ...provider, size: 1 }, { ...provider, size: 2 }), {
      changes: true,
      replaces: ["it"],
      deleteBeforeReplace: true,
    });
    assert.deepEqual(await host.create({ ...provider, size: 1 }), { id: "created", outs: { ...provider, size: 1 } });
    assert.deepEqual(await host.read("it", { ...provider, size: 1 }), {
      id: "it!",
      props: { ...provider, size: 1 },
      inputs: { ...provider, size: 3 },
    });
    assert.deepEqual(await host.update("it", { ...provider, size: 1 }, { ...provider, size: 2 }), {
      outs: { ...provider, id: "it", from: 1, to: 2 },
    });
    await host.delete("it", { ...provider, size: 1 });
    await host.close();
    assert.equal(host.stdout, "deleted it 1\n");
  });

  it("leaves open what the provider leaves open", async () => {
    const provider = providerOf("");
    const host = await start();
    assert.deepEqual(await host.check({}, { ...provider, size: 1 }), {
      inputs: { ...provider, size: 1 },
      failures: [],
    });
    assert.deepEqual(await host.diff("it", provider, provider), { replaces: [], deleteBeforeReplace: false });
    assert.deepEqual(await host.read("it", provider), { id: "it", props: provider });
  });

  describe("an error", () => {
    it("of a creation is told as it is", async () => {
      const provider = providerOf(`create: async () => { throw new Error("out of order"); }`);
      const host = await start();
      await assert.rejects(host.create(provider), (error: unknown) => {
        assert.ok(error instanceof ProviderError);
        assert.deepEqual([error.message, error.code, error.initialization], ["out of order", 2, undefined]);
        return true;
      });
    });

    it("of an initialization tells what exists all the same", async () => {
      const provider = providerOf(`create: async () => {
        throw Object.assign(new Error("not ready"), { id: "half", properties: { size: 1 }, reasons: ["a", "b"] });
      }`);
      const host = await start();
      await assert.rejects(host.create(provider), (error: unknown) => {
        assert.ok(error instanceof ProviderError);
        const initialization = { id: "half", properties: { size: 1 }, reasons: ["a", "b"] };
        assert.deepEqual([error.message, error.initialization], ["not ready", initialization]);
        return true;
      });
    });

    it("of a deletion is printed as well, and a numeric code becomes its status", async () => {
      const provider = providerOf(`delete: async () => { throw Object.assign(new Error("in use"), { code: 9 }); }`);
      const host = await start();
      await assert.rejects(host.delete("it", provider), { message: "in use", code: 9 });
      await host.close();
      assert.match(host.stderr, /^Error: in use: Error: in use\n +at /);
    });
  });

  it("shows the provider nothing of this machine but what it needs", async () => {
    const provider = providerOf(`create: async () => ({
      id: "it",
      outs: { names: Object.keys(process.env).sort(), value: process.env.ASKED_FOR, folder: process.cwd() },
    })`);
    process.env.MONGODB_ATLAS_CLIENT_ID = "of this machine";
    try {
      const host = await start({ cwd: __dirname, env: { ASKED_FOR: "yes" } });
      const { names, value, folder } = (await host.create(provider)).outs;
      assert.deepEqual(names, ["ASKED_FOR", "HOME", "PATH", "PULUMI_NODEJS_PROJECT"]);
      assert.deepEqual([value, folder], ["yes", __dirname]);
    } finally {
      delete process.env.MONGODB_ATLAS_CLIENT_ID;
    }
  });

  it("is gone when it is closed", async () => {
    const host = await start();
    assert.deepEqual(await host.close(), { code: null, signal: "SIGTERM" });
    assert.deepEqual(await host.exited, { code: null, signal: "SIGTERM" });
    assert.throws(() => process.kill(host.pid, 0), { code: "ESRCH" });
  });

  it("ends a call that is under way when it is killed", async () => {
    const gate = createServer();
    await once(gate.listen(0, "127.0.0.1"), "listening");
    try {
      const host = await start();
      const creation = host.create({ ...knocking, port: (gate.address() as AddressInfo).port });
      await once(gate, "connection");
      const [exit] = await Promise.all([host.kill(), assert.rejects(creation, ProviderError)]);
      assert.deepEqual(exit, { code: null, signal: "SIGKILL" });
    } finally {
      gate.close();
    }
  });

  it("dies with the process that started it, however that ends", async () => {
    const gate = createServer();
    await once(gate.listen(0, "127.0.0.1"), "listening");
    const script = `
      const { startProviderHost } = require(${JSON.stringify(join(__dirname, "../../support/provider-host.ts"))});
      startProviderHost({ cwd: __dirname }).then(async (host) => {
        await host.configure({});
        await host.create(${JSON.stringify({ ...knocking, port: (gate.address() as AddressInfo).port })});
      });`;
    const parent = spawn(process.execPath, ["--require", "ts-node/register/transpile-only", "--eval", script], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      const [knock] = (await once(gate, "connection")) as [Socket];
      knock.resume();
      parent.kill("SIGKILL");
      await once(knock, "close");
    } finally {
      parent.kill("SIGKILL");
      gate.close();
    }
  });

  it("says why it did not start", async () => {
    const env = { NODE_OPTIONS: "--require=/does/not/exist.cjs" };
    await assert.rejects(startProviderHost({ cwd: tmpdir(), env }), /ended before it was ready:[^]*does\/not\/exist/);
    await assert.rejects(startProviderHost({ cwd: "/does/not/exist" }), { code: "ENOENT" });
  });
});

/** Connects to a port, and waits there until it is let go. */
const knocking = providerOf(`create: ({ port }) => new Promise((resolve) => {
  require("node:net").connect(port, "127.0.0.1").on("close", resolve).on("error", resolve);
})`);
