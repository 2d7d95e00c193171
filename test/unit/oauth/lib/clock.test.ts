import assert from "node:assert/strict";
import { mock } from "node:test";

import { systemClock } from "../../../../provider/oauth/lib/clock";

const longestTimer = 2 ** 31 - 1;

describe("systemClock", () => {
  it("reads the wall clock, and a clock that never goes back", () => {
    const before = [Date.now(), systemClock.monotonic()];
    const after = [systemClock.now(), systemClock.monotonic()];
    assert.ok(before[0]! <= after[0]! && before[1]! <= after[1]!);
  });

  for (const [asked, waits] of [
    [0, 0],
    [-Infinity, 0],
    [longestTimer, longestTimer],
    [longestTimer + 1, longestTimer],
    [Infinity, longestTimer],
  ] as const) {
    it(`waits ${waits} ms if it is asked for ${asked}, and keeps the process alive meanwhile`, () => {
      const timer = { unref: mock.fn() };
      const set = mock.method(globalThis, "setTimeout", () => timer);
      const clear = mock.method(globalThis, "clearTimeout", () => undefined);
      try {
        systemClock.after(asked, () => undefined)();
        assert.equal(set.mock.calls[0]?.arguments[1], waits);
        assert.deepEqual(clear.mock.calls[0]?.arguments, [timer]);
        assert.equal(timer.unref.mock.callCount(), 0);
      } finally {
        mock.restoreAll();
      }
    });
  }

  it("runs what is due, and not what was cancelled", async () => {
    systemClock.after(0, () => assert.fail("it was cancelled"))();
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
  });
});
