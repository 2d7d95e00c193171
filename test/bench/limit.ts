import { startLocalAtlas, type Endpoint, type LocalAtlas } from "../../examples/local-atlas";
import { argumentsFor, CLIENTS } from "./accounts";
import { startBenchHost } from "./bench-host";
import type { Contender } from "./contenders";
import { ratioRow, type Row } from "./report";

const COUNTS = [60, 100];
const REPEATS = 3;
const PER_WINDOW = 10;
const WINDOW = 2;
/** What Atlas documents for a window: what a window costs us beyond its length is measured, and told for this one too. */
const DOCUMENTED_WINDOW = 60;

export interface LimitResult {
  readonly rows: Row[];
  /** Seconds at which each revoke of the largest count was done, for the chart. */
  readonly revokedAt: Readonly<Record<"ours" | "plain", readonly number[]>>;
}

/** Many tokens of one service account under the documented limit, its window scaled down. */
export async function benchLimit(): Promise<LimitResult> {
  // All at once, each with an Atlas of its own: they hardly do anything but wait.
  const all = await Promise.all(
    COUNTS.map(async (count) => {
      const [ours, plain] = await Promise.all([runs("ours", count), runs("plain", count)]);
      return { count, ours, plain };
    }),
  );
  const { ours, plain } = all.at(-1)!;
  return {
    rows: all.flatMap(({ count, ours, plain }) => ENDPOINTS.flatMap((each) => rowsOf(each, count, ours, plain))),
    revokedAt: { ours: ours[0]!.revoke.doneAt, plain: plain[0]!.revoke.doneAt },
  };
}

type Run = Readonly<Record<Endpoint, Phase>>;

const ENDPOINTS: readonly Endpoint[] = ["issue", "revoke"];

function runs(contender: Contender, count: number): Promise<Run[]> {
  return Promise.all(Array.from({ length: REPEATS }, () => run(contender, count)));
}

function rowsOf(endpoint: Endpoint, count: number, ours: readonly Run[], plain: readonly Run[]): Row[] {
  const figures = (from: readonly Run[], figure: keyof Phase & ("seconds" | "refused" | "failed")): number[] =>
    from.map((each) => each[endpoint][figure]);
  const seconds = figures(ours, "seconds");
  if (figures(ours, "failed").some((failed) => failed > 0)) throw new Error(`${endpoint} of ${count} lost tokens`);
  const windows = Math.ceil(count / PER_WINDOW) - 1;
  const ideal = (window: number): number[] => seconds.map(() => windows * window);
  const longer = seconds.map((each) => each + windows * (DOCUMENTED_WINDOW - WINDOW));
  const lost = figures(plain, "failed").reduce((sum, each) => sum + each);

  const row = { section: "Limit", rival: "ideal", unit: "s" };
  const documented = `the same on a window of ${DOCUMENTED_WINDOW} s (computed)`;
  return [
    ratioRow({ ...row, what: `${endpoint} ${count}, a window of ${WINDOW} s` }, seconds, ideal(WINDOW)),
    ratioRow(
      { ...row, what: `${endpoint} ${count}, ${documented}`, goal: { atMost: 1.05 } },
      longer,
      ideal(DOCUMENTED_WINDOW),
    ),
    ratioRow(
      {
        section: "Limit",
        what: `${endpoint} ${count}, refused requests`,
        rival: `plain, which lost ${lost} of ${REPEATS * count}`,
        unit: "refused",
      },
      figures(ours, "refused"),
      figures(plain, "refused"),
    ),
  ];
}

interface Phase {
  readonly seconds: number;
  readonly refused: number;
  readonly failed: number;
  readonly doneAt: readonly number[];
}

async function run(each: Contender, count: number): Promise<Run> {
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
