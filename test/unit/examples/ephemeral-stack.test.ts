import type { OutputMap } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { forAsLongAs, type EphemeralStack } from "../../../examples/ephemeral-stack/for-as-long-as";
import { runJob } from "../../../examples/ephemeral-stack/job";
import { program } from "../../../examples/ephemeral-stack/program";
import type { Engine } from "../../support/find-engine";
import { theEngine } from "../../support/open-stack";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { environmentFor } from "../../support/environment-for";
import { examplePath, startScript, type Ended } from "./child";
import { stackFixture, succeeds } from "./stack-fixture";

const outputs: OutputMap = { accessToken: { value: "a-fake-token", secret: true } };

/** A stack that only writes down what is done to it, and whose operations fail where a test says so. */
function fakeStack(events: string[], failing: readonly string[] = []): EphemeralStack {
  const operate = <T>(event: string, result: T): Promise<T> => {
    events.push(event);
    return failing.includes(event) ? Promise.reject(new Error(`${event} failed, at length`)) : Promise.resolve(result);
  };
  const result = { stdout: "", stderr: "", summary: {} as never };
  return {
    name: "job-0a1b2c3d",
    up: () => operate("up", { ...result, outputs }),
    destroy: (options) => operate(options?.remove === true ? "destroy and remove" : "destroy", result),
  };
}

const worked = (): Promise<string> => Promise.resolve("done");
const threw = (): Promise<string> => Promise.reject(new Error("the work threw"));

describe("the example ephemeral-stack", () => {
  const rows: {
    description: string;
    failing?: string[];
    work?: () => Promise<string>;
    events: string[];
    result: string | RegExp[];
  }[] = [
    { description: "destroys after the work", events: ["up", "work", "destroy and remove"], result: "done" },
    {
      description: "destroys after work that threw, and throws that",
      work: threw,
      events: ["up", "work", "destroy and remove"],
      result: [/^the work threw$/],
    },
    {
      description: "destroys after an up that failed, without the work",
      failing: ["up"],
      events: ["up", "destroy and remove"],
      result: [/^`pulumi up` of the stack job-0a1b2c3d failed, see above$/],
    },
    {
      description: "says what to run where the destroy failed",
      failing: ["destroy and remove"],
      events: ["up", "work", "destroy and remove"],
      result: [/^the stack job-0a1b2c3d is still there: run `pulumi destroy --stack job-0a1b2c3d --remove` in \//],
    },
    {
      description: "tells of both where the work threw and the destroy failed",
      failing: ["destroy and remove"],
      work: threw,
      events: ["up", "work", "destroy and remove"],
      result: [/^the work threw$/, /^the stack job-0a1b2c3d is still there/],
    },
  ];
  for (const { description, failing, work = worked, events, result } of rows) {
    it(description, async () => {
      const seen: string[] = [];
      const running = forAsLongAs(fakeStack(seen, failing), (given) => {
        seen.push("work");
        assert.equal(given, outputs);
        return work();
      });
      if (typeof result === "string") assert.equal(await running, result);
      else {
        const messages = messagesOf(
          await running.then(
            () => assert.fail("it resolved"),
            (error: unknown) => error,
          ),
        );
        assert.equal(messages.length, result.length);
        for (const [index, pattern] of result.entries()) assert.match(messages[index] ?? "", pattern);
      }
      assert.deepEqual(seen, events);
    });
  }

  describe("its program", () => {
    const fixture = stackFixture();

    it("issues the token of the job, and the destroy revokes it", async () => {
      const { stack, atlas } = fixture();
      const run = await succeeds(stack.up(program));
      assert.equal(run.outputs["accessToken"], atlas.tokens()[0]?.token);
      await succeeds(stack.destroy());
      assert.equal(atlas.tokens()[0]?.active, false);
    });
  });

  describe("its script, with the real engine", function () {
    this.timeout(180_000);
    const fixture = stackFixture();
    let engine: Engine | undefined;
    let folder: string;
    before(async function () {
      engine = await theEngine();
      if (engine !== undefined) return;
      console.log("    The script of ephemeral-stack was left out: no Pulumi engine was found.");
      this.skip();
    });
    beforeEach(async () => (folder = await makeTempDir()));
    afterEach(() => removeTempDir(folder));

    function start(...command: readonly string[]): Promise<Ended> {
      return startScript(examplePath("ephemeral-stack", "main.ts"), command, {
        ...environmentFor(fixture().atlas),
        PATH: [dirname(engine?.command ?? ""), process.env["PATH"] ?? ""].join(delimiter),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: "a-passphrase",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      }).ended;
    }

    it("runs a command with a token that is active, hands on its exit code and leaves nothing behind", async () => {
      const { atlas } = fixture();
      const request = `fetch("${atlas.url}/introspect", { method: "POST", body: new URLSearchParams({ token: process.env.MONGODB_ATLAS_ACCESS_TOKEN }) })`;
      const { code, out, err } = await start(
        process.execPath,
        "-e",
        `${request}.then((answer) => answer.json()).then(({ active }) => { console.log(active); process.exit(7); })`,
      );
      assert.deepEqual({ code, out }, { code: 7, out: "true\n" }, err);
      assert.deepEqual(
        atlas.tokens().map(({ active }) => active),
        [false],
      );
      const left = readdirSync(examplePath("ephemeral-stack")).filter((name) => name.startsWith("Pulumi.job-"));
      assert.deepEqual(left, []);
    });
  });

  describe("its job", () => {
    const node = (code: string): string[] => [process.execPath, "-e", code];

    it("finds the token in its environment", async () => {
      const code = await runJob(
        node("process.exit(process.env.MONGODB_ATLAS_ACCESS_TOKEN === 'a-fake-token' ? 0 : 1)"),
        "a-fake-token",
        new AbortController().signal,
      );
      assert.equal(code, 0);
    });

    it("hands on its exit code", async () => {
      assert.equal(await runJob(node("process.exit(7)"), "a-fake-token", new AbortController().signal), 7);
    });

    it("rejects where there is no such command", async () => {
      const running = runJob(["no-such-command"], "a-fake-token", new AbortController().signal);
      await assert.rejects(running, { code: "ENOENT" });
    });

    it("is ended by the signal", async () => {
      const interruption = new AbortController();
      const running = runJob(node("setInterval(() => {}, 1000)"), "a-fake-token", interruption.signal);
      interruption.abort();
      assert.equal(await running, 130);
    });

    it("does not begin after the signal", async () => {
      assert.equal(await runJob(["no-such-command"], "a-fake-token", AbortSignal.abort()), 130);
    });
  });
});

function messagesOf(error: unknown): string[] {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.map((each) => (each as Error).message);
}
