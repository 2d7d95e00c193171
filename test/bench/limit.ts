import { startLocalAtlas, type Endpoint, type LocalAtlas } from "../../examples/local-atlas";
import { argumentsFor, CLIENTS } from "./accounts";
import { startBenchHost } from "./bench-host";
import { CONTENDERS, type Contender } from "./contenders";
import type { Row } from "./report";
import { figureOf, ratioOf } from "./statistics";

const PER_WINDOW = 10;
const WINDOW = 2;
/** What Atlas documents for a window: what a window costs us beyond its length is measured, and told for this one too. */
const DOCUMENTED_WINDOW = 60;

export interface LimitResult {
  readonly rows: Row[];
  /** Seconds at which each revoke was done, for the chart. */
  readonly revokedAt: Readonly<Record<"ours" | "plain", readonly number[]>>;
  /** Of the plain provider: what it gave up. */
  readonly lost: number;
}

/** Many tokens of one service account under the documented limit, its window scaled down. */
export async function benchLimit(): Promise<LimitResult> {
  const rows: Row[] = [];
  let revokedAt = { ours: [] as readonly number[], plain: [] as readonly number[] };
  let lost = 0;
  for (const count of [60, 100]) {
    const [ours, plain] = await Promise.all([run(contender("ours"), count), run(contender("plain"), count)]);
    const ideal = (Math.ceil(count / PER_WINDOW) - 1) * WINDOW;
    for (const endpoint of ["issue", "revoke"] as const) {
      const { seconds, refused, failed } = ours[endpoint];
      if (failed > 0) throw new Error(`${failed} of ${count} were lost to ${endpoint}`);
      const beyond = (seconds - ideal) / (count / PER_WINDOW - 1);
      const documented = [1 + beyond / DOCUMENTED_WINDOW];
      rows.push(
        {
          section: "Limit",
          what: `${endpoint} ${count}, a window of ${WINDOW} s`,
          ours: figureOf([seconds]),
          rival: "ideal",
          theirs: figureOf([ideal]),
          ratio: ratioOf([seconds], [ideal]),
          unit: "s",
        },
        {
          section: "Limit",
          what: `${endpoint} ${count}, the same on a window of ${DOCUMENTED_WINDOW} s (computed)`,
          ours: figureOf([ideal * (DOCUMENTED_WINDOW / WINDOW) * documented[0]!]),
          rival: "ideal",
          theirs: figureOf([ideal * (DOCUMENTED_WINDOW / WINDOW)]),
          ratio: figureOf(documented),
          unit: "s",
          goal: { atMost: 1.05, why: "within 5% of the ideal" },
        },
        {
          section: "Limit",
          what: `${endpoint} ${count}, refused requests`,
          ours: figureOf([refused]),
          rival: `plain, which lost ${plain[endpoint].failed} of ${count}`,
          theirs: figureOf([plain[endpoint].refused]),
          ratio: ratioOf([refused], [Math.max(1, plain[endpoint].refused)]),
          unit: "refused",
        },
      );
    }
    revokedAt = { ours: ours.revoke.doneAt, plain: plain.revoke.doneAt };
    lost = plain.issue.failed + plain.revoke.failed;
  }
  return { rows, revokedAt, lost };
}

function contender(name: string): Contender {
  return CONTENDERS.find((each) => each.name === name)!;
}

interface Phase {
  readonly seconds: number;
  readonly refused: number;
  readonly failed: number;
  readonly doneAt: readonly number[];
}

async function run(each: Contender, count: number): Promise<Record<Endpoint, Phase>> {
  const atlas = await startLocalAtlas({ clients: CLIENTS, requestsPerWindow: 0 });
  const args = argumentsFor(0, atlas);
  const { host, inputs } = await startBenchHost(each, args);
  try {
    const all = await Promise.all(Array.from({ length: count }, (_, index) => inputs(`token-${index}`, args)));
    atlas.settings.requestsPerWindow = PER_WINDOW;
    atlas.settings.windowSeconds = WINDOW;
    const created: { id: string; outs: object }[] = [];
    const issue = await phase(atlas, "issue", all, async (each) => void created.push(await host.create(each)));
    const revoke = await phase(atlas, "revoke", created, ({ id, outs }) => host.delete(id, { ...outs }));
    return { issue, revoke };
  } finally {
    await host.close();
    await atlas.close();
  }
}

/** Eight at a time, as Pulumi does on two cores. */
async function phase<T>(
  atlas: LocalAtlas,
  endpoint: Endpoint,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<Phase> {
  const start = performance.now();
  const doneAt: number[] = [];
  let failed = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let index = next++; index < items.length; index = next++) {
        await work(items[index]!).then(
          () => doneAt.push((performance.now() - start) / 1000),
          () => failed++,
        );
      }
    }),
  );
  const refused = atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  return { seconds: (performance.now() - start) / 1000, refused, failed, doneAt };
}
