import assert from "node:assert/strict";
import { getEventListeners } from "node:events";

import { RequestQueue, type Admission, type AcquireOptions } from "../../../provider/oauth/request-queue";
import { FakeClock } from "../../support/fake-clock";
import { day, minute } from "../../support/oauth/times";

/** A clock that goes on by a millisecond each time that it is looked at. */
class RestlessClock extends FakeClock {
  #looks = 0;

  override monotonic(): number {
    return super.monotonic() + this.#looks++;
  }
}

describe("Gate", () => {
  let clock: FakeClock;
  let gate: RequestQueue;
  /** What became of each call, in the order in which it happened. */
  let events: string[];

  beforeEach(() => {
    clock = new FakeClock();
    gate = new RequestQueue(clock);
    events = [];
  });
  afterEach(() => assert.equal(clock.timers, 0, "a timer was left behind"));

  /** Sends calls of these names to the gate, in this order, and lets them wait there. */
  async function arrive(names: string, patience: AcquireOptions = {}): Promise<Map<string, number>> {
    const tickets = new Map(Array.from(names, (name) => [name, gate.begin()]));
    for (const [name, ticket] of tickets) wait(name, ticket, patience);
    await clock.advance(0);
    return tickets;
  }

  function wait(name: string, ticket: number, patience: AcquireOptions = {}): void {
    void gate.acquire(ticket, patience).then((admission: Admission) => {
      events.push(admission === "admitted" ? name : `${name} ${admission}`);
    });
  }

  async function leave(times = 1): Promise<void> {
    for (let left = 0; left < times; left++) gate.release();
    await clock.advance(0);
  }

  function seen(): string {
    return events.splice(0).join(" ");
  }

  describe("while it is open", () => {
    it("admits eight at once", async () => {
      assert.equal(RequestQueue.MAX_CONCURRENT, 8);
      await arrive("abcdefghij");
      assert.equal(seen(), "a b c d e f g h");
    });

    it("admits the next for each that leaves, first come, first served", async () => {
      await arrive("abcdefghijkl");
      seen();
      await leave();
      assert.equal(seen(), "i");
      await leave(2);
      assert.equal(seen(), "j k");
      await leave(9);
      assert.equal(seen(), "l");
    });

    it("lets those that go back before everyone who came later, in their own order", async () => {
      const tickets = await arrive("abcdefghijkl");
      await leave();
      seen();
      for (const name of "hbe") wait(name, tickets.get(name)!);
      await leave(8);
      assert.equal(seen(), "b e h j k l");
    });
  });

  describe("while it is closed", () => {
    it("admits nobody until its time is over, and then eight", async () => {
      gate.pause(42_000, "rate_limited");
      await arrive("abcdefghij");
      await clock.advance(41_999);
      assert.equal(seen(), "");
      assert.equal(gate.pausedForMs, 1);
      await clock.advance(1);
      assert.equal(seen(), "a b c d e f g h");
      assert.equal(gate.pausedForMs, 0);
    });

    it("admits nobody in the place of one that leaves", async () => {
      await arrive("abcdefghij");
      gate.pause(1_000, "rate_limited");
      seen();
      await leave(8);
      assert.equal(seen(), "");
      await clock.advance(1_000);
      assert.equal(seen(), "i j");
    });

    it("stays closed longer where it is closed again for longer", async () => {
      gate.pause(10_000, "rate_limited");
      await arrive("a");
      await clock.advance(5_000);
      gate.pause(60_000, "service_unavailable");
      assert.equal(gate.pausedBy, "service_unavailable");
      await clock.advance(59_999);
      assert.equal(seen(), "");
      await clock.advance(1);
      assert.equal(seen(), "a");
    });

    it("does not open earlier where it is closed again for less", async () => {
      gate.pause(10_000, "rate_limited");
      gate.pause(5_000, "rate_limited");
      await arrive("a");
      await clock.advance(9_999);
      assert.equal(seen(), "");
      await clock.advance(1);
      assert.equal(seen(), "a");
    });

    it("opens in time where that is later than a timer can hold, and does not look all the time", async () => {
      gate.pause(60 * day, "rate_limited");
      await arrive("a");
      let looks = 0;
      while (clock.nextTimerIn !== undefined) {
        assert.equal(seen(), "");
        await clock.advance(clock.nextTimerIn);
        looks++;
      }
      assert.equal(clock.monotonic(), 60 * day);
      assert.equal(seen(), "a");
      assert.equal(looks, 3);
    });

    it("opens also where that happens while it is looked at", async () => {
      for (let closure = 1; closure < 20; closure++) {
        const clock = new RestlessClock();
        const gate = new RequestQueue(clock);
        gate.pause(closure, "rate_limited");
        let admitted = false;
        void gate.acquire(gate.begin(), {}).then(() => (admitted = true));
        await clock.advance(minute);
        assert.ok(admitted, `closed for ${closure} looks`);
      }
    });

    it("waits with one timer for all", async () => {
      gate.pause(10_000, "rate_limited");
      await arrive("abcdefghij");
      assert.equal(clock.timers, 1);
      await clock.advance(10_000);
    });

    it("keeps no timer once nobody waits: a script that gave up can end", async () => {
      gate.pause(10_000, "rate_limited");
      const controller = new AbortController();
      await arrive("ab", { signal: controller.signal });
      await arrive("c", { timeoutMs: 5_000 });
      controller.abort();
      await clock.advance(4_999);
      assert.equal(clock.timers, 2);
      await clock.advance(1);
      assert.equal(seen(), "a aborted b aborted c too late");
      assert.equal(clock.timers, 0);
    });

    it("opens for who comes after all others gave up", async () => {
      gate.pause(10_000, "rate_limited");
      await arrive("a", { timeoutMs: 5_000 });
      await clock.advance(6_000);
      await arrive("b");
      await clock.advance(4_000);
      assert.equal(seen(), "a too late b");
    });
  });

  describe("lets a call leave its queue", () => {
    it("when its signal says so, without a change to the order of the others", async () => {
      const controller = new AbortController();
      await arrive("abcdefghi");
      await arrive("j", { signal: controller.signal });
      await arrive("kl");
      seen();
      controller.abort();
      await clock.advance(0);
      assert.equal(seen(), "j aborted");
      await leave(8);
      assert.equal(seen(), "i k l");
    });

    it("when its signal has said so before", async () => {
      await arrive("a", { signal: AbortSignal.abort() });
      assert.equal(seen(), "a aborted");
      await arrive("bcdefghij");
      assert.equal(seen(), "b c d e f g h i");
    });

    it("when its time is over", async () => {
      await arrive("abcdefgh");
      seen();
      await arrive("i", { timeoutMs: 1_000 });
      await clock.advance(999);
      assert.equal(seen(), "");
      await clock.advance(1);
      assert.equal(seen(), "i too late");
      await leave(8);
      assert.equal(seen(), "");
    });

    it("not any more once it was admitted", async () => {
      const controller = new AbortController();
      await arrive("a", { signal: controller.signal, timeoutMs: 1_000 });
      controller.abort();
      await clock.advance(1_000);
      assert.equal(seen(), "a");
    });

    for (const { ending, end } of [
      { ending: "admitted", end: () => leave(8) },
      { ending: "too late", end: () => clock.advance(1_000) },
      { ending: "aborted", end: () => clock.advance(0) },
    ]) {
      it(`and listens to its signal no more: ${ending}`, async () => {
        const controller = new AbortController();
        const { signal } = controller;
        await arrive("abcdefgh", { signal });
        await arrive("ijklmnop", { signal, timeoutMs: 1_000 });
        assert.equal(getEventListeners(signal, "abort").length, 1);
        if (ending === "aborted") controller.abort();
        await end();
        assert.equal(getEventListeners(signal, "abort").length, 0);
        assert.equal(clock.timers, 0);
      });
    }
  });

  describe("where Atlas does not say how long to wait", () => {
    it("closes for 10 s first and doubles up to 60 s", async () => {
      for (const closure of [10_000, 20_000, 40_000, 60_000, 60_000]) {
        assert.equal(gate.defaultPauseMs(), closure);
        gate.pause(closure, "rate_limited");
        await clock.advance(closure);
      }
    });

    it("counts those that are refused together once", async () => {
      gate.pause(gate.defaultPauseMs(), "rate_limited");
      await clock.advance(1_000);
      assert.equal(gate.defaultPauseMs(), 9_000);
      gate.pause(gate.defaultPauseMs(), "rate_limited");
      await clock.advance(9_000);
      assert.equal(gate.pausedForMs, 0);
      assert.equal(gate.defaultPauseMs(), 20_000);
    });

    it("begins again after a success", async () => {
      gate.pause(gate.defaultPauseMs(), "rate_limited");
      await clock.advance(10_000);
      gate.succeeded();
      assert.equal(gate.defaultPauseMs(), 10_000);
    });
  });

  describe("tells", () => {
    it("how many calls have begun and not ended", async () => {
      const tickets = await arrive("abc");
      assert.equal(gate.pending, tickets.size);
      gate.end();
      assert.equal(gate.pending, 2);
    });

    it("how many succeeded, and when the last did", async () => {
      assert.deepEqual([gate.successes, gate.lastSuccess], [0, -Infinity]);
      await clock.advance(1_000);
      gate.succeeded();
      await clock.advance(1_000);
      gate.succeeded();
      assert.deepEqual([gate.successes, gate.lastSuccess], [2, 2_000]);
    });

    it("no pace before a success", async () => {
      assert.equal(gate.averageMs(0), undefined);
      await arrive("a");
      assert.equal(gate.averageMs(0), undefined);
    });

    it("the pace from the first admission on", async () => {
      await clock.advance(5_000);
      await arrive("ab");
      await clock.advance(1_000);
      gate.succeeded();
      gate.succeeded();
      assert.equal(gate.averageMs(0), 500);
      assert.equal(gate.averageMs(60_000), 30_500);
    });

    it("the pace without the time in which nothing was to be done", async () => {
      await arrive("a");
      gate.succeeded();
      gate.release();
      gate.end();
      await clock.advance(day);
      await arrive("bc");
      assert.equal(gate.averageMs(0), undefined);
      await clock.advance(1_000);
      gate.succeeded();
      assert.equal(gate.averageMs(0), 1_000);
    });
  });
});
