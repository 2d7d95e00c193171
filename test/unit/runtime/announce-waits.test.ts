import assert from "node:assert/strict";

import { announceWaits } from "../../../provider/runtime/announce-waits";
import type { WaitInfo } from "../../../provider/oauth/call";
import { FakeClock } from "../../support/fake-clock";
import { golden } from "../../support/golden";

const wait: WaitInfo = {
  endpoint: "revoke",
  origin: "https://atlas.example:8443",
  clientId: "fake-client",
  code: "rate_limited",
  waitMs: 42_000,
  pending: 3,
  succeeded: 10,
  estimateMs: 300_000,
  givesUpInMs: 900_000,
};

describe("announceWaits", () => {
  let clock: FakeClock;
  let lines: string[];
  let listener: (wait: WaitInfo) => void;

  beforeEach(() => {
    clock = new FakeClock();
    lines = [];
    listener = announceWaits(clock, (line) => lines.push(line));
  });

  /** How long each line says that it waits. */
  const spans = (): (string | undefined)[] => lines.map((line) => /retrying in (.+?) \(/.exec(line)?.[1]);

  const { estimateMs: _, ...withoutEstimate } = wait;
  const kinds: Readonly<Record<string, WaitInfo>> = {
    rate_limited: wait,
    "rate_limited-no-progress": { ...wait, succeeded: 0, pending: 100 },
    "rate_limited-issue": { ...wait, endpoint: "issue", pending: 1, waitMs: 600_000, estimateMs: 600_000 },
    service_unavailable: { ...withoutEstimate, code: "service_unavailable", givesUpInMs: 300_000 },
    server_error: { ...wait, code: "server_error", waitMs: 400, givesUpInMs: 240_000 },
    unexpected_response: { ...wait, code: "unexpected_response", givesUpInMs: 240_000 },
    unreachable: { ...wait, code: "unreachable", succeeded: 0, givesUpInMs: 30_000, origin: "http://127.0.0.1:8765" },
    no_response: { ...wait, code: "no_response", givesUpInMs: 240_000 },
  };
  for (const [kind, info] of Object.entries(kinds)) {
    it(`says why a call waits, how long and for how many tokens: ${kind}`, () => {
      listener(info);
      golden(`waits/${kind}.txt`, lines.join("\n"));
    });
  }

  it("prints one line however many calls begin to wait together", () => {
    for (let call = 0; call < 100; call++) listener(wait);
    assert.equal(lines.length, 1);
  });

  it("prints the remaining time every 15 seconds until the wait is over", async () => {
    listener(wait);
    clock.wallOffset = -3_600_000;
    await clock.advance(14_999);
    assert.deepEqual(spans(), ["42 s"]);
    await clock.advance(600_000);
    assert.deepEqual(spans(), ["42 s", "27 s", "12 s"]);
    assert.equal(clock.timers, 0);
  });

  it("counts down to the time when it gives up and to the estimated end as well", async () => {
    listener({ ...wait, succeeded: 0, givesUpInMs: 90_000 });
    await clock.advance(15_000);
    listener({ ...wait, waitMs: 60_000, estimateMs: 80_000 });
    await clock.advance(15_000);
    const left = lines.map((line) => /(?:giving up in|about) (.+?)(?: left)?\)/.exec(line)?.[1]);
    assert.deepEqual(left, ["90 s", "75 s", "65 s"]);
  });

  it("reports the wait that ends last", async () => {
    listener({ ...wait, waitMs: 20_000 });
    listener({ ...wait, waitMs: 60_000, pending: 7 });
    listener({ ...wait, waitMs: 30_000, pending: 5 });
    await clock.advance(15_000);
    assert.deepEqual(spans(), ["20 s", "45 s"]);
    assert.match(lines[1]!, / 7 tokens /);
  });

  it("prints at most one line every 15 seconds, even if new waits begin", async () => {
    listener({ ...wait, waitMs: 1_000 });
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      listener(wait);
    }
    assert.equal(lines.length, 3);
  });

  it("prints the first wait after a quiet period immediately", async () => {
    listener({ ...wait, waitMs: 5_000 });
    await clock.advance(60_000);
    listener({ ...wait, waitMs: 8_000 });
    assert.deepEqual(spans(), ["5 s", "8 s"]);
  });
});
