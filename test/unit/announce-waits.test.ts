import assert from "node:assert/strict";

import { announceWaits } from "../../provider/announce-waits";
import type { WaitInfo } from "../../provider/oauth/call";
import { FakeClock } from "../support/fake-clock";

const wait: WaitInfo = {
  endpoint: "revoke",
  origin: "https://atlas.example:8443",
  clientId: "fake-client",
  code: "rate_limited",
  waitMs: 42_000,
  pending: 3,
  succeeded: 0,
};

/** What is printed, in the order of the calls, with a clock that the test moves. */
function announced(): { clock: FakeClock; tell: (changes?: Partial<WaitInfo>) => void; lines: string[] } {
  const clock = new FakeClock();
  const lines: string[] = [];
  const listener = announceWaits(clock, (line) => lines.push(line));
  return { clock, tell: (changes) => listener({ ...wait, ...changes }), lines };
}

describe("the line on a wait", () => {
  const place = "rate_limited, atlas.example:8443, client id fake-client";
  const rows: readonly { description: string; changes: Partial<WaitInfo>; expected: string }[] = [
    {
      description: "says how long, for what, how many and whose",
      changes: {},
      expected: `Waiting 42 s to revoke 3 tokens (${place})`,
    },
    {
      description: "speaks of one token in the singular",
      changes: { pending: 1 },
      expected: `Waiting 42 s to revoke 1 token (${place})`,
    },
    {
      description: "speaks of no wait shorter than a second",
      changes: { waitMs: 400 },
      expected: `Waiting 1 s to revoke 3 tokens (${place})`,
    },
    {
      description: "tells an issue from a revoke",
      changes: { endpoint: "issue", waitMs: 600_000 },
      expected: `Waiting 10 min to issue 3 tokens (${place})`,
    },
    {
      description: "says how many are done and how long the others may take, once that is known",
      changes: { succeeded: 20, estimateMs: 240_000 },
      expected: `Waiting 42 s to revoke 3 tokens (${place}); 20 revoked so far, about 4 min for these at this pace`,
    },
    {
      description: "counts what was issued as issued",
      changes: { endpoint: "issue", succeeded: 1, estimateMs: 30_000 },
      expected: `Waiting 42 s to issue 3 tokens (${place}); 1 issued so far, about 30 s for these at this pace`,
    },
    {
      description: "says until when it is tried again",
      changes: { code: "server_error", givesUpInMs: 240_000 },
      expected:
        "Waiting 42 s to revoke 3 tokens (server_error, atlas.example:8443, client id fake-client); gives up in 4 min",
    },
    {
      description: "says until when nothing may get through the limit",
      changes: { givesUpInMs: 900_000 },
      expected: `Waiting 42 s to revoke 3 tokens (${place}); gives up in 15 min if none gets through`,
    },
    {
      description: "promises no end to a queue that moves",
      changes: { succeeded: 20, estimateMs: 240_000, givesUpInMs: 900_000 },
      expected: `Waiting 42 s to revoke 3 tokens (${place}); 20 revoked so far, about 4 min for these at this pace`,
    },
    {
      description: "names the code behind the wait",
      changes: { code: "no_response", origin: "http://127.0.0.1:8765" },
      expected: "Waiting 42 s to revoke 3 tokens (no_response, 127.0.0.1:8765, client id fake-client)",
    },
  ];
  for (const { description, changes, expected } of rows) {
    it(description, () => {
      const { tell, lines } = announced();
      tell(changes);
      assert.deepEqual(lines, [expected]);
    });
  }
});

describe("the lines on waits", () => {
  /** How long each line says that it waits. */
  const spans = (lines: readonly string[]): (string | undefined)[] =>
    lines.map((line) => /^Waiting (.+?) to/.exec(line)?.[1]);

  it("are one however many calls begin to wait together", () => {
    const { tell, lines } = announced();
    for (let call = 0; call < 100; call++) tell({ pending: 100 });
    assert.equal(lines.length, 1);
  });

  it("come every 15 seconds while the wait lasts, each with what is left", async () => {
    const { clock, tell, lines } = announced();
    tell();
    await clock.advance(14_999);
    assert.deepEqual(spans(lines), ["42 s"]);
    await clock.advance(1);
    assert.deepEqual(spans(lines), ["42 s", "27 s"]);
    await clock.advance(600_000);
    assert.deepEqual(spans(lines), ["42 s", "27 s", "12 s"]);
  });

  it("count down to the end of all trying as well", async () => {
    const { clock, tell, lines } = announced();
    tell({ givesUpInMs: 90_000 });
    await clock.advance(30_000);
    assert.deepEqual(
      lines.map((line) => /gives up in (.+?) if/.exec(line)?.[1]),
      ["90 s", "75 s", "60 s"],
    );
  });

  it("end with the wait, and leave no timer behind", async () => {
    const { clock, tell, lines } = announced();
    tell({ waitMs: 15_000 });
    await clock.advance(15_000);
    assert.equal(lines.length, 1);
    assert.equal(clock.timers, 0);
  });

  it("tell of the wait that ends last, with what was known of it", async () => {
    const { clock, tell, lines } = announced();
    tell({ waitMs: 20_000 });
    tell({ waitMs: 60_000, pending: 7 });
    tell({ waitMs: 30_000, pending: 5 });
    await clock.advance(15_000);
    assert.deepEqual(spans(lines), ["20 s", "45 s"]);
    assert.match(lines[1]!, / 7 tokens /);
  });

  it("do not come more often because new waits begin", async () => {
    const { clock, tell, lines } = announced();
    for (let second = 0; second < 30; second++) {
      tell();
      await clock.advance(1_000);
    }
    assert.equal(lines.length, 3);
  });

  it("begin again at once after a time without any", async () => {
    const { clock, tell, lines } = announced();
    tell({ waitMs: 5_000 });
    await clock.advance(60_000);
    tell({ waitMs: 8_000 });
    assert.deepEqual(spans(lines), ["5 s", "8 s"]);
  });

  it("come no sooner than 15 seconds after the last where a wait was short", async () => {
    const { clock, tell, lines } = announced();
    tell({ waitMs: 1_000 });
    await clock.advance(2_000);
    tell({ waitMs: 42_000 });
    assert.equal(lines.length, 1);
    await clock.advance(13_000);
    assert.deepEqual(spans(lines), ["1 s", "29 s"]);
  });

  it("do not mind that somebody sets the wall clock", async () => {
    const { clock, tell, lines } = announced();
    tell();
    clock.wallOffset = -3_600_000;
    await clock.advance(15_000);
    assert.deepEqual(spans(lines), ["42 s", "27 s"]);
  });
});
