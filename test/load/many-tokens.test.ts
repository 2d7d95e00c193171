import assert from "node:assert/strict";

import { Fixture, type Token } from "../provider/support/fixture";
import { heapInUse, TELLING_HEAP } from "../support/heap";
import { inParallel } from "../support/in-parallel";

const ACCOUNTS = 10;
const TOKENS = 500;
const EARLY = 100;
/** How many calls the engine makes at once: more than the provider sends requests. */
const CALLS = 16;
const KIB = 1024;
/** What a token may leave behind: its name and id in the memory of the run. A token itself has more. */
const KEPT_A_TOKEN = 4 * KIB;

describe(`${TOKENS} tokens in one provider process`, function () {
  this.timeout(180_000);
  const indexes = Array.from({ length: TOKENS }, (_, index) => index);
  const clients = Object.fromEntries(indexes.slice(0, ACCOUNTS).map((index) => [`account-${index}`, "a-fake-secret"]));
  const fixture = new Fixture("dynamic", { clients });

  it("are issued and revoked, 8 at once, with level memory and nothing on stderr", async () => {
    let inFlight = 0;
    let mostInFlight = 0;
    fixture.before = async () => {
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      await new Promise(setImmediate);
    };
    fixture.after = () => {
      inFlight--;
    };
    const provider = await fixture.start({}, {}, TELLING_HEAP);
    const createOne = (index: number): Promise<Token> =>
      provider.create(`token-${index}`, { clientId: `account-${index % ACCOUNTS}`, clientSecret: "a-fake-secret" });

    const first = await inParallel(indexes.slice(0, EARLY), createOne, CALLS);
    const early = await heapInUse(provider.host);
    const others = await inParallel(indexes.slice(EARLY), createOne, CALLS);
    assert.equal(fixture.active, TOKENS);
    await inParallel([...first, ...others], (token) => provider.delete(token), CALLS);
    assert.equal(fixture.active, 0);
    // Each issue has a connection of its own, and the last may not be closed yet when the next is opened.
    assert.ok(mostInFlight <= 8, `${mostInFlight} requests at once`);

    const late = await heapInUse(provider.host);
    const inMiB = (bytes: number): string => `${(bytes / KIB / KIB).toFixed(1)} MiB`;
    console.log(`      in use: ${inMiB(early)} after ${EARLY} creates, ${inMiB(late)} at the end`);
    assert.ok(late - early < (TOKENS - EARLY) * KEPT_A_TOKEN, `${inMiB(late - early)} more are held at the end`);

    await provider.shown();
    assert.equal(provider.host.stderr, "");
  });
});
