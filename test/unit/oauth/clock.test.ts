import assert from "node:assert/strict";

import { systemClock } from "../../../provider/oauth/clock";

const longestTimer = 2 ** 31 - 1;

/** Runs with a `setTimeout` that only writes down what it was asked for. */
function recordTimers(run: () => void): { delay: number | undefined; cleared: boolean; unreferenced: boolean }[] {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const timers: ReturnType<typeof recordTimers> = [];
  globalThis.setTimeout = ((_then: () => void, delay?: number) => {
    const timer = { delay, cleared: false, unreferenced: false, unref: () => (timer.unreferenced = true) };
    timers.push(timer);
    return timer;
  }) as never;
  globalThis.clearTimeout = ((timer: (typeof timers)[number]) => (timer.cleared = true)) as never;
  try {
    run();
  } finally {
    Object.assign(globalThis, real);
  }
  return timers;
}

describe("systemClock", () => {
  it("tells the wall clock's time", () => {
    const before = Date.now();
    const now = systemClock.now();
    assert.ok(before <= now && now <= Date.now());
  });

  it("tells a time that never goes back", () => {
    const first = systemClock.monotonic();
    assert.ok(first <= systemClock.monotonic());
  });

  it("runs what is due", async () => {
    await new Promise<void>((resolve) => systemClock.after(0, resolve));
  });

  it("does not run what was cancelled", async () => {
    let ran = false;
    const cancel = systemClock.after(0, () => (ran = true));
    cancel();
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
    assert.equal(ran, false);
  });

  const rows = [
    { asked: 0, waits: 0 },
    { asked: 1.5, waits: 1.5 },
    { asked: -1, waits: 0 },
    { asked: -Infinity, waits: 0 },
    { asked: longestTimer, waits: longestTimer },
    { asked: longestTimer + 1, waits: longestTimer },
    { asked: 365 * 24 * 3600_000, waits: longestTimer },
    { asked: Infinity, waits: longestTimer },
  ];
  for (const { asked, waits } of rows) {
    it(`waits ${waits} ms where it is asked for ${asked}`, () => {
      const timers = recordTimers(() => void systemClock.after(asked, () => undefined));
      assert.deepEqual(
        timers.map(({ delay }) => delay),
        [waits],
      );
    });
  }

  it("keeps the process alive while it waits", () => {
    const timers = recordTimers(() => void systemClock.after(1000, () => undefined));
    assert.deepEqual(
      timers.map(({ unreferenced }) => unreferenced),
      [false],
    );
  });

  it("gives its timer back where the wait is cancelled", () => {
    const timers = recordTimers(() => systemClock.after(1000, () => undefined)());
    assert.deepEqual(
      timers.map(({ cleared }) => cleared),
      [true],
    );
  });
});
