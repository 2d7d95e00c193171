import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

import { SERIALIZED_PROVIDER } from "../../../provider/dynamic/serialized-provider";
import { cleanEnv } from "../../support/clean-env";
import { golden } from "../../support/golden";
import { makeTempDir, removeTempDir } from "../../support/work-dir";

type Method = (...args: readonly unknown[]) => Promise<unknown>;

describe("in a folder without the package", () => {
  let folder: string;
  beforeEach(async () => (folder = await makeTempDir()));
  afterEach(() => removeTempDir(folder));

  /** Evaluates the serialized provider as in a host whose working directory is the folder. */
  function provider(): Readonly<Record<string, Method>> {
    const exports: { handler?: () => Readonly<Record<string, Method>> } = {};
    runInNewContext(SERIALIZED_PROVIDER, { exports, require, process: { cwd: () => folder } });
    return exports.handler!();
  }

  /** Installs a package of that name in the folder. */
  function install(host: string): void {
    const installed = join(folder, "node_modules", "pulumi-atlas-token");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{ "exports": { "./host": "./host.js" } }');
    writeFileSync(join(installed, "host.js"), host);
  }

  /** The message of an error, which Pulumi's host prints as one short line: its text and its stack. */
  async function rejection(promise: Promise<unknown>): Promise<string> {
    const error = (await promise.then(
      () => assert.fail("it resolved"),
      (error: unknown) => error,
    )) as Error;
    assert.equal(`${String(error)}: ${String(error.stack)}`, "pulumi-atlas-token: ");
    return error.message.replaceAll(folder, "/program");
  }

  describe("the serialized provider", () => {
    it("rejects every operation and says what to install where", async () => {
      for (const method of ["check", "diff", "create", "read", "update", "delete"])
        golden("resource/not-installed.txt", await rejection(provider()[method]!("ci-0a1b2c3d", {}, {})));
    });

    it("configures without an error, since the host would not recover from it", async () => {
      assert.equal(await provider()["configure"]!({}), undefined);
      install('exports.configure = () => { throw new Error("broken"); };');
      assert.equal(await provider()["configure"]!({}), undefined);
    });

    it("says why a package cannot be loaded, in one line", async () => {
      install('throw new Error("a broken package\\nand more");');
      golden("resource/not-loadable.txt", await rejection(provider()["delete"]!("ci-0a1b2c3d", {})));
    });
  });

  describe("the constructor of a token", () => {
    /** The constructor looks for the package before it calls the engine, for which nobody listens here. */
    const engine = { PULUMI_NODEJS_ENGINE: "127.0.0.1:1" };

    async function run(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
      const child = fork(join(__dirname, "users-program.cjs"), { cwd, env: cleanEnv(env), execArgv: [] });
      const [message] = await Promise.all([once(child, "message"), once(child, "exit")]);
      return message[0] as unknown;
    }

    it("fails at once", async () => {
      const { message, runError } = (await run(folder, engine)) as { message: string; runError: boolean };
      golden("resource/not-installed-program.txt", message.replaceAll(folder, "/program"));
      assert.equal(runError, true);
    });

    it("declares the token if the package is found, or under the mocks of a user's test anywhere", async () => {
      const declared = { values: ["ci-1", "fake", "Bearer", null, "2030-01-01T00:00:00Z"], secret: true };
      assert.deepEqual(await Promise.all([run(process.cwd(), engine), run(folder)]), [declared, declared]);
    });
  });
});
