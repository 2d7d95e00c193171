import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { cleanEnv } from "../../support/clean-env";
import { makeTempDir, removeTempDir } from "../../support/work-dir";

interface Report {
  readonly code: number;
  readonly output: string;
}

/** Runs mocha on two suites of one scenario each, on a machine without a Pulumi engine. */
async function runSuites(env: Record<string, string> = {}): Promise<Report> {
  const home = await makeTempDir();
  try {
    return await new Promise((resolve) => {
      const args = [require.resolve("mocha/bin/mocha"), join(__dirname, "fixtures/scenarios.ts")];
      const options = { env: cleanEnv({ PATH: home, HOME: home, ...env }) };
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      });
    });
  } finally {
    await removeTempDir(home);
  }
}

describe("a suite of scenarios, where there is no engine", () => {
  it("is left out for the engine, which one line says", async () => {
    const { code, output } = await runSuites();
    assert.equal(code, 0);
    assert.match(output, /2 passing/);
    assert.match(output, /2 pending/);
    assert.equal(output.match(/were left out: no Pulumi engine was found/g)?.length, 1);
  });

  it("fails where the engine is required", async () => {
    const { code, output } = await runSuites({ ENGINE: "required" });
    assert.notEqual(code, 0);
    assert.match(output, /2 passing/);
    assert.match(output, /Error: no Pulumi engine was found/);
    assert.doesNotMatch(output, /pending|left out/);
  });
});
