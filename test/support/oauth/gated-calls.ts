import assert from "node:assert/strict";

import type { Failure } from "../../../provider/oauth/failure";
import { RequestQueue } from "../../../provider/oauth/request-queue";
import {
  retryTimeouts,
  withRetry,
  type Attempt,
  type Outcome,
  type RetryOptions,
  type Wait,
} from "../../../provider/oauth/retry";
import { FakeClock } from "../fake-clock";
import { passTime } from "./pass-time";

type MakeAttempt = RetryOptions<string>["attempt"];
type Changes = Partial<RetryOptions<string>>;

/** Calls behind one queue in fake time, new for every test of a suite; each has to leave everything tidy. */
export class GatedCalls {
  clock = new FakeClock();
  queue = new RequestQueue(this.clock);
  waits: Wait[] = [];
  /** Told of each wait, too. */
  onWait: (wait: Wait) => void = () => undefined;

  constructor() {
    beforeEach(() => {
      this.clock = new FakeClock();
      this.queue = new RequestQueue(this.clock);
      this.waits = [];
      this.onWait = () => undefined;
    });
    afterEach(() => {
      assert.equal(this.clock.timers, 0, "a timer was left behind");
      assert.equal(this.queue.progress.pending, 0, "a call did not give its place back");
    });
  }

  /** Starts a call, whose waits are the shortest unless a change says otherwise. */
  start(attempt: MakeAttempt, changes: Changes = {}): Promise<Outcome<string>> {
    const { clock, queue } = this;
    const onWait = (wait: Wait): void => {
      this.waits.push(wait);
      this.onWait(wait);
    };
    return withRetry({ queue, clock, random: () => 0, timeouts: retryTimeouts(), onWait, attempt, ...changes });
  }

  /** Starts a call and lets time pass until it has ended. */
  run(attempt: MakeAttempt, changes: Changes = {}): Promise<Outcome<string>> {
    return this.pass(this.start(attempt, changes));
  }

  /** Lets time pass until everything has settled. */
  pass<T>(promise: Promise<T>): Promise<T> {
    return passTime(this.clock, promise);
  }

  /** How long each wait was said to be, in milliseconds. */
  waitTimes(): number[] {
    return this.waits.map(({ waitMs }) => waitMs);
  }
}

/** Attempts that fail like this, in order, and then succeed. */
export function failing(...sequence: readonly Failure[]): MakeAttempt {
  const left = [...sequence];
  return () => {
    const failure = left.shift();
    return Promise.resolve(failure === undefined ? { value: "done" } : { failure });
  };
}

/** Attempts that fail like this for ever. */
export function always(failure: Failure): MakeAttempt {
  return () => Promise.resolve({ failure });
}

/** An attempt that hangs until it is told how it ended. */
export function hanging(): { readonly attempt: MakeAttempt; end(result: Attempt<string>): void } {
  let resolve: (result: Attempt<string>) => void = () => undefined;
  const ended = new Promise<Attempt<string>>((settle) => (resolve = settle));
  return { attempt: () => ended, end: (result) => resolve(result) };
}
