import assert from "node:assert/strict";

import type { Failure } from "../../../../provider/oauth/failure/failure";
import { RequestQueue, type AcquireOptions } from "../../../../provider/oauth/queue/request-queue";
import { FakeClock } from "../../../support/fake-clock";
import { day, minute } from "../../../support/oauth/times";

/** A clock that goes on by a millisecond each time that it is read. */
class RestlessClock extends FakeClock {
  #reads = 0;

  override monotonic(): number {
    return super.monotonic() + this.#reads++;
  }
}

const unavailable: Failure = { code: "service_unavailable", status: 503, retryAfter: 1, retryable: true };

describe("RequestQueue", () => {
  let clock: FakeClock;
  let queue: RequestQueue;
  /** What became of each call, in the order in which it happened. */
  let events: string[];

  beforeEach(() => {
    clock = new FakeClock();
    queue = new RequestQueue(clock);
    events = [];
  });
  afterEach(() => assert.equal(clock.timers, 0, "a timer was left behind"));

  /** Sends calls of these names to the queue, in this order, and lets them wait there. */
  async function arrive(names: string, options: AcquireOptions = {}): Promise<Map<string, number>> {
    const tickets = new Map(Array.from(names, (name) => [name, queue.begin()]));
    for (const [name, ticket] of tickets) acquire(name, ticket, options);
    await clock.advance(0);
    return tickets;
  }

  function acquire(name: string, ticket: number, options: AcquireOptions = {}): void {
    void queue.acquire(ticket, options).then((admission) => {
      events.push(admission === "admitted" ? name : `${name} ${admission}`);
    });
  }

  /** The option of a call that gives up after that many milliseconds. */
  function within(milliseconds: number): AcquireOptions {
    const end = clock.monotonic() + milliseconds;
    return { timeLeftMs: () => end - clock.monotonic() };
  }

  async function release(times = 1): Promise<void> {
    for (let left = 0; left < times; left++) queue.release();
    await clock.advance(0);
  }

  function seen(): string {
    return events.splice(0).join(" ");
  }

  it("admits eight at once, and the next for each that is released, in their order", async () => {
    await arrive("abcdefghijkl");
    assert.equal(seen(), "a b c d e f g h");
    await release();
    assert.equal(seen(), "i");
    await release(2);
    assert.equal(seen(), "j k");
    await release(9);
    assert.equal(seen(), "l");
  });

  it("lets those that come back go before everyone who came later, in their own order", async () => {
    const tickets = await arrive("abcdefghijkl");
    await release();
    seen();
    for (const name of "hbe") acquire(name, tickets.get(name)!);
    await release(8);
    assert.equal(seen(), "b e h j k l");
  });

  it("admits nobody during a pause, with one timer for all, and then eight", async () => {
    await arrive("xyz");
    queue.fail(unavailable, 42_000);
    await arrive("abcdefghij");
    await release(3);
    assert.equal(clock.timers, 1);
    await clock.advance(41_999);
    assert.equal(seen(), "x y z");
    assert.equal(queue.pausedForMs, 1);
    await clock.advance(1);
    assert.equal(seen(), "a b c d e f g h");
    assert.equal(queue.pausedForMs, 0);
    await release(8);
  });

  it("ends with the longest of several pauses", async () => {
    queue.fail(unavailable, 10_000);
    await arrive("a");
    await clock.advance(5_000);
    queue.fail(unavailable, 60_000);
    queue.fail(unavailable, 5_000);
    await clock.advance(59_999);
    assert.equal(seen(), "");
    await clock.advance(1);
    assert.equal(seen(), "a");
  });

  it("opens in time if that is later than a timer can hold, and does not check all the time", async () => {
    queue.fail(unavailable, 60 * day);
    await arrive("a");
    let checks = 0;
    for (; clock.nextTimerIn !== undefined; checks++) {
      assert.equal(seen(), "");
      await clock.advance(clock.nextTimerIn);
    }
    assert.deepEqual([clock.monotonic(), seen(), checks], [60 * day, "a", 3]);
  });

  it("opens even if the pause ends while the clock is read", async () => {
    for (let reads = 1; reads < 20; reads++) {
      const clock = new RestlessClock();
      const queue = new RequestQueue(clock);
      queue.fail(unavailable, reads);
      let admitted = false;
      void queue.acquire(queue.begin(), {}).then(() => (admitted = true));
      await clock.advance(minute);
      assert.ok(admitted, `paused for ${reads} reads`);
    }
  });

  it("keeps no timer once nobody waits, and opens for those that come later", async () => {
    queue.fail(unavailable, 10_000);
    const controller = new AbortController();
    await arrive("ab", { signal: controller.signal });
    await arrive("c", within(5_000));
    controller.abort();
    await clock.advance(5_000);
    assert.equal(seen(), "a aborted b aborted c timed out");
    assert.equal(clock.timers, 0);
    await arrive("d");
    await clock.advance(5_000);
    assert.equal(seen(), "d");
  });

  for (const name of ["signal", "waitSignal"]) {
    it(`lets a call leave when its ${name} aborts, without changing the order of the others`, async () => {
      const controller = new AbortController();
      await arrive("abcdefghi");
      await arrive("j", { [name]: controller.signal });
      await arrive("kl");
      seen();
      controller.abort();
      await clock.advance(0);
      assert.equal(seen(), "j aborted");
      await release(8);
      assert.equal(seen(), "i k l");
    });
  }

  it("admits nobody whose signal has aborted, but those that need not wait if it is their waitSignal", async () => {
    await arrive("a", { signal: AbortSignal.abort() });
    await arrive("b", { waitSignal: AbortSignal.abort() });
    await arrive("cdefghi");
    await arrive("j", { waitSignal: AbortSignal.abort() });
    assert.equal(seen(), "a aborted b c d e f g h i j aborted");
  });

  it("asks again after each failure how long a call still waits", async () => {
    await arrive("abcdefgh");
    seen();
    let end = Infinity;
    await arrive("i", { timeLeftMs: () => end - clock.monotonic() });
    await clock.advance(500);
    end = 1_000;
    queue.fail(unavailable, minute);
    await release();
    await clock.advance(500);
    assert.equal(seen(), "i timed out");
  });

  it("lets a call leave when its time is over, and not once it was admitted", async () => {
    await arrive("abcdefgh", within(1_000));
    await arrive("i", within(1_000));
    await clock.advance(1_000);
    assert.equal(seen(), "a b c d e f g h i timed out");
    await release(8);
    assert.equal(seen(), "");
  });

  it("tells each waiting call once that it closed, and those that come later", async () => {
    const told: string[] = [];
    const telling = (name: string): AcquireOptions => ({
      onWait: (waitMs, code) => told.push(`${name} ${waitMs} ${code}`),
    });
    await arrive("abcdefgh");
    await arrive("i", telling("i"));
    assert.deepEqual(told, []);
    queue.fail(unavailable, 10_000);
    await release(2);
    await clock.advance(4_000);
    await arrive("j", telling("j"));
    await clock.advance(6_000);
    assert.deepEqual(told, ["i 10000 service_unavailable", "j 6000 service_unavailable"]);
  });
});
