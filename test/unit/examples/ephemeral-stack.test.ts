import { ConcurrentUpdateError, type OutputMap } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { withStack, type EphemeralStack } from "../../../examples/ephemeral-stack/with-stack";
import { runJob } from "../../../examples/ephemeral-stack/job";

const outputs: OutputMap = { accessToken: { value: "a-fake-token", secret: true } };

/** A stack that records its operations, of which those in `failing` fail. */
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
    cancel: () => operate("cancel", undefined),
  };
}

const worked = (): Promise<string> => Promise.resolve("done");
const threw = (): Promise<string> => Promise.reject(new Error("the work failed"));

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
      description: "destroys after work that failed, and throws its error",
      work: threw,
      events: ["up", "work", "destroy and remove"],
      result: [/^the work failed$/],
    },
    {
      description: "destroys after an up that failed, without the work",
      failing: ["up"],
      events: ["up", "destroy and remove"],
      result: [/^`pulumi up` of the stack job-0a1b2c3d failed; see its output above$/],
    },
    {
      description: "says what to run if the destroy failed",
      failing: ["destroy and remove"],
      events: ["up", "work", "destroy and remove"],
      result: [/^the stack job-0a1b2c3d still exists; run `pulumi destroy --stack job-0a1b2c3d --remove` in \//],
    },
    {
      description: "throws both errors if the work failed and the destroy failed",
      failing: ["destroy and remove"],
      work: threw,
      events: ["up", "work", "destroy and remove"],
      result: [/^the work failed$/, /^the stack job-0a1b2c3d still exists/],
    },
  ];
  it("unlocks the stack if SIGHUP killed Pulumi during the up", async () => {
    const events: string[] = [];
    const stack = fakeStack(events);
    let isLocked = true;
    const { cancel, destroy } = stack;
    stack.destroy = (options) => {
      if (isLocked) return Promise.reject(Object.create(ConcurrentUpdateError.prototype) as Error);
      return destroy(options);
    };
    stack.cancel = () => {
      isLocked = false;
      return cancel();
    };
    assert.equal(await withStack(stack, worked), "done");
    assert.deepEqual(events, ["up", "cancel", "destroy and remove"]);
  });

  for (const { description, failing, work = worked, events, result } of rows) {
    it(description, async () => {
      const seen: string[] = [];
      const running = withStack(fakeStack(seen, failing), (given) => {
        seen.push("work");
        assert.equal(given, outputs);
        return work();
      });
      if (typeof result === "string") assert.equal(await running, result);
      else {
        await assert.rejects(running, (error) => {
          const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error];
          assert.equal(errors.length, result.length);
          for (const [index, pattern] of result.entries()) assert.match(errors[index]?.message ?? "", pattern);
          return true;
        });
      }
      assert.deepEqual(seen, events);
    });
  }

  describe("its job", () => {
    const run = (command: readonly string[], signal = new AbortController().signal): Promise<number> =>
      runJob(command, "a-fake-token", signal);
    const node = (code: string): string[] => [process.execPath, "-e", code];

    it("finds the token in its environment, and its exit code is passed on", async () => {
      assert.equal(
        await run(node("process.exit(process.env.MONGODB_ATLAS_ACCESS_TOKEN === 'a-fake-token' ? 7 : 1)")),
        7,
      );
    });

    it("rejects if there is no such command", async () => {
      await assert.rejects(run(["no-such-command"]), { code: "ENOENT" });
    });

    it("is ended by the signal, and does not begin after it", async () => {
      const interruption = new AbortController();
      const running = run(node("setInterval(() => {}, 1000)"), interruption.signal);
      interruption.abort();
      assert.equal(await running, 130);
      assert.equal(await run(["no-such-command"], interruption.signal), 130);
    });
  });
});
