import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cleanEnv } from "../../support/clean-env";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { serializedProvider } from "./mocks";
import { RemoteRejection, startSerialized, type SerializedProvider } from "./serialized-process";

const repository = process.cwd();

let folder: string;
beforeEach(async () => {
  folder = await makeTempDir();
});
afterEach(() => removeTempDir(folder));

const methods: readonly { name: string; run: (provider: SerializedProvider) => Promise<unknown> }[] = [
  { name: "check", run: (provider) => provider.check({}, {}) },
  { name: "diff", run: (provider) => provider.diff("ci-0a1b2c3d", {}, {}) },
  { name: "create", run: (provider) => provider.create({}) },
  { name: "read", run: (provider) => provider.read("ci-0a1b2c3d", {}) },
  { name: "update", run: (provider) => provider.update("ci-0a1b2c3d", {}, {}) },
  { name: "delete", run: (provider) => provider.delete("ci-0a1b2c3d", {}) },
];

/** What stands in for the package in the folder: a host of its own. */
async function install(host: string): Promise<void> {
  const installed = join(folder, "node_modules", "pulumi-atlas-token");
  await mkdir(installed, { recursive: true });
  await writeFile(join(installed, "package.json"), '{ "exports": { "./host": "./host.js" } }');
  await writeFile(join(installed, "host.js"), host);
}

async function withProvider(run: (provider: SerializedProvider) => Promise<unknown>): Promise<void> {
  const provider = startSerialized(await serializedProvider(), folder);
  try {
    await run(provider);
  } finally {
    await provider.close();
  }
}

function assertSaysWhatToInstall(error: unknown, reason: string): true {
  assert.ok(error instanceof RemoteRejection);
  const { message, stack, text } = error.remote;
  assert.equal(
    message,
    "pulumi-atlas-token cannot be loaded: run `npm install pulumi-atlas-token` in " +
      `${folder}, then the same command again (${reason})`,
  );
  assert.deepEqual([text, stack], ["pulumi-atlas-token", ""]);
  return true;
}

describe("without the package in the folder of the program", () => {
  for (const { name, run } of methods) {
    it(`${name} rejects with the one line that says what to install where`, () =>
      withProvider((provider) =>
        assert.rejects(run(provider), (error) =>
          assertSaysWhatToInstall(error, "Cannot find module 'pulumi-atlas-token/host'"),
        ),
      ));
  }

  it("configure does not throw", () =>
    withProvider(async (provider) => assert.equal(await provider.configure({}), undefined)));
});

describe("with a package in the folder of the program that is broken", () => {
  it("the line names the reason, its first line alone", async () => {
    await install('throw new Error("a broken package\\nand much more");');
    await withProvider((provider) =>
      assert.rejects(provider.delete("ci-0a1b2c3d", {}), (error) => assertSaysWhatToInstall(error, "a broken package")),
    );
  });

  it("configure does not throw, not even where it is configure that is broken", async () => {
    await install('exports.configure = () => { throw new Error("broken"); };');
    await withProvider(async (provider) => assert.equal(await provider.configure({}), undefined));
  });

  it("what a method throws at once is a rejection as well", async () => {
    await install('exports.delete = () => { throw new Error("broken"); };');
    await withProvider((provider) => assert.rejects(provider.delete("ci-0a1b2c3d", {}), /^Error: broken$/));
  });
});

/** Runs a program that declares a token in a folder, as `users-program.cjs` says. */
async function declareIn(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const child = fork(join(__dirname, "users-program.cjs"), { cwd, env: cleanEnv(env), execArgv: [] });
  const exited = once(child, "exit");
  const [result] = (await Promise.race([once(child, "message"), exited])) as [unknown];
  await exited;
  return result;
}

describe("a program that declares a token", () => {
  /** Where nobody listens: the constructor looks the package up before it says a word to the engine. */
  const engine = { PULUMI_NODEJS_ENGINE: "127.0.0.1:1" };
  const declared = {
    values: ["ci-1", "fake", "Bearer", null, "2030-01-01T00:00:00Z"],
    secret: true,
  };

  it("fails early and says what to install where, if there is an engine and the package is not in its folder", async () => {
    const { message, runError } = (await declareIn(folder, engine)) as { message: string; runError: boolean };
    assert.match(message, /^ServiceAccountToken "ci": pulumi-atlas-token [^\n]*$/);
    assert.ok(message.includes(`run \`npm install pulumi-atlas-token\` in ${folder}`), message);
    assert.equal(runError, true);
  });

  it("goes on where there is an engine and the package is found", async () => {
    assert.deepEqual(await declareIn(repository, engine), declared);
  });

  it("sees what its mocks return where there is no engine, as a user's own unit test", async () => {
    assert.deepEqual(await declareIn(repository), declared);
  });

  it("does so wherever it is started from", async () => {
    assert.deepEqual(await declareIn(folder), declared);
  });
});
