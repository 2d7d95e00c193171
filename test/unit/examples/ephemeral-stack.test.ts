import { ConcurrentUpdateError, type OutputMap } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { runJob } from "../../../examples/ephemeral-stack/job";
import { withStack } from "../../../examples/ephemeral-stack/with-stack";

describe("the example ephemeral-stack", () => {
  const outputs: OutputMap = { accessToken: { value: "a-fake-token", secret: true } };
  const failed = new Error("failed, at length");
  const locked = Object.create(ConcurrentUpdateError.prototype) as Error;
  const upFailed = /^`pulumi up` of the stack job-0a1b2c3d failed; see its output above$/;
  const stillExists = /^the stack job-0a1b2c3d still exists; run `pulumi destroy --stack job-0a1b2c3d --remove` in \//;

  /** What happens, in this order, with the error of what fails, and the errors that are thrown for it. */
  const rows: [title: string, steps: [name: string, error?: Error][], errors: RegExp[]][] = [
    ["destroys after the work", [["up"], ["work"], ["destroy and remove"]], []],
    ["destroys after work that failed", [["up"], ["work", failed], ["destroy and remove"]], [/^failed, at length$/]],
    ["destroys after an up that failed, without the work", [["up", failed], ["destroy and remove"]], [upFailed]],
    ["says what to run if the destroy failed", [["up"], ["work"], ["destroy and remove", failed]], [stillExists]],
    [
      "throws both errors if the work and the destroy failed",
      [["up"], ["work", failed], ["destroy and remove", failed]],
      [/^failed, at length$/, stillExists],
    ],
    [
      "unlocks the stack if SIGHUP killed Pulumi during the up",
      [["up", failed], ["destroy and remove", locked], ["cancel"], ["destroy and remove"]],
      [upFailed],
    ],
  ];
  for (const [title, steps, messages] of rows) {
    it(title, async () => {
      const left = [...steps];
      const operate = <T>(name: string, result: T): Promise<T> => {
        const [expected, error] = left.shift() ?? [];
        assert.equal(name, expected);
        return error ? Promise.reject(error) : Promise.resolve(result);
      };
      const result = { stdout: "", stderr: "", summary: {} as never };
      const stack: Parameters<typeof withStack>[0] = {
        name: "job-0a1b2c3d",
        up: () => operate("up", { ...result, outputs }),
        destroy: (options) => operate(options?.remove === true ? "destroy and remove" : "destroy", result),
        cancel: () => operate("cancel", undefined),
      };
      const [settled] = await Promise.allSettled([withStack(stack, (given) => operate("work", given))]);
      assert.deepEqual(left, []);
      if (settled.status === "fulfilled") assert.deepEqual([settled.value, messages], [outputs, []]);
      else {
        const reason: unknown = settled.reason;
        const errors = reason instanceof AggregateError ? (reason.errors as Error[]) : [reason as Error];
        assert.equal(errors.length, messages.length);
        for (const [index, { message }] of errors.entries()) assert.match(message, messages[index]!);
      }
    });
  }

  describe("its job", () => {
    const { signal } = new AbortController();
    const node = (code: string): string[] => [process.execPath, "-e", code];

    it("finds the token in its environment, and its exit code is passed on", async () => {
      const job = node("process.exit(process.env.MONGODB_ATLAS_ACCESS_TOKEN === 'a-fake-token' ? 7 : 1)");
      assert.equal(await runJob(job, "a-fake-token", signal), 7);
      await assert.rejects(runJob(["no-such-command"], "a-fake-token", signal), { code: "ENOENT" });
    });

    it("is ended by the signal, and does not begin after it", async () => {
      const interruption = new AbortController();
      const running = runJob(node("setInterval(() => {}, 1000)"), "a-fake-token", interruption.signal);
      interruption.abort();
      assert.equal(await running, 130);
      assert.equal(await runJob(["no-such-command"], "a-fake-token", interruption.signal), 130);
    });
  });
});
