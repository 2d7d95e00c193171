import assert from "node:assert/strict";
import fc from "fast-check";

import { failures } from "../../support/oauth/failures";
import { failing, GatedCalls } from "../../support/oauth/gated-calls";
import { seededRandom } from "../../support/oauth/seeded-random";
import { second } from "../../support/oauth/times";

const { rateLimited, unavailable, serverError, badGateway, noResponse, unreachable } = failures;

/** The largest number that `Math.random` may return. */
const almostOne = 1 - Number.EPSILON / 2;

describe("persist waits", () => {
  const calls = new GatedCalls();

  const rows = [
    { description: "at least 0.5 s", random: 0, expected: [500, 500, 500, 500, 500, 500, 500, 500] },
    {
      description: "at most a cap that doubles from 1 s to 30 s",
      random: almostOne,
      expected: [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * second),
    },
    {
      description: "in the middle between the two for a random number in the middle",
      random: 0.5,
      expected: [750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250, 15_250],
    },
  ];
  for (const { description, random, expected } of rows) {
    for (const failure of [serverError(), noResponse(), badGateway(), unavailable(), unreachable("EHOSTUNREACH")]) {
      it(`${description}: ${failure.code}`, async () => {
        await calls.run(failing(...expected.map(() => failure)), { random: () => random });
        assert.deepEqual(calls.waitTimes().map(Math.round), expected);
        assert.equal(
          Math.round(calls.clock.monotonic()),
          expected.reduce((sum, each) => sum + each),
        );
      });
    }
  }

  it("within these bounds, whatever the numbers drawn", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        calls.waits = [];
        await calls.run(failing(...Array.from({ length: 10 }, serverError.bind(undefined, undefined))), {
          random: seededRandom(seed),
        });
        for (const [index, wait] of calls.waitTimes().entries()) {
          assert.ok(wait >= 500 && wait <= Math.min(2 ** index, 30) * second, `${index}: ${wait}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  for (const failure of [rateLimited(0), unavailable(0), serverError(0)]) {
    it(`half a second where Retry-After asks for no wait: ${failure.code}`, async () => {
      await calls.run(failing(failure), { random: () => 0 });
      assert.deepEqual(calls.waitTimes(), [500]);
    });
  }

  for (const failure of [rateLimited(42), unavailable(42), serverError(42)]) {
    it(`as long as Retry-After says and up to a second more: ${failure.code}`, async () => {
      await calls.run(failing(failure));
      await calls.run(failing(failure), { random: () => almostOne });
      assert.deepEqual(calls.waitTimes().map(Math.round), [42_000, 43_000]);
      assert.equal(Math.round(calls.clock.monotonic()), 85_000);
    });
  }

  it("a second more at most once for all calls that are refused together", async () => {
    const numbers = [0.25, 0.5, 0.75, 0.9];
    const random = () => numbers.shift() ?? 1;
    const all = Array.from({ length: 8 }, () => calls.start(failing(rateLimited(42)), { random }));
    await calls.pass(Promise.all(all));
    assert.deepEqual(calls.waitTimes(), [42_250, ...Array<number>(7).fill(42_000)]);
    assert.equal(calls.clock.monotonic(), 42_250);
  });

  it("no longer after a 429 because of faults before it, nor the other way round", async () => {
    await calls.run(failing(serverError(), rateLimited(3), serverError(), rateLimited(3), serverError()), {
      random: () => almostOne,
    });
    assert.deepEqual(calls.waitTimes().map(Math.round), [1_000, 4_000, 2_000, 4_000, 4_000]);
  });

  it("10 s after a 429 that does not say how long, doubling to 60 s, and again 10 s after a success", async () => {
    await calls.run(failing(...Array.from({ length: 5 }, () => rateLimited())));
    await calls.run(failing(rateLimited()));
    assert.deepEqual(calls.waitTimes(), [10_000, 20_000, 40_000, 60_000, 60_000, 10_000]);
  });

  it("once for all calls that are refused together without a Retry-After", async () => {
    const all = Array.from({ length: 8 }, () => calls.start(failing(rateLimited(), rateLimited())));
    await calls.pass(Promise.all(all));
    assert.deepEqual(calls.waitTimes(), [...Array<number>(8).fill(10_000), ...Array<number>(8).fill(20_000)]);
    assert.equal(calls.clock.monotonic(), 30_000);
  });
});
