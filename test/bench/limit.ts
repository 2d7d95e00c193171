import { startLocalAtlas, type Endpoint } from "../../examples/local-atlas";
import { Provider } from "./provider";
import type { Row } from "./report";
import type { Contender } from "./rivals/program";
import { inParallel } from "./samples";
import { CLIENTS, type Workspace } from "./workspace";

/** The documented limit, with its window of a minute scaled down. */
const PER_WINDOW = 10;
const WINDOW_SECONDS = 2;

const CONTENDERS = ["dynamic", "packaged", "plain"] as const;

interface Run {
  readonly seconds: number;
  readonly refused: number;
  readonly lost: number;
  /** When each call succeeded, in seconds. */
  readonly doneAt: readonly number[];
}

/** Many tokens of one service account under the rate limit, and a chart of those that are revoked over time. */
export async function benchLimit(workspace: Workspace, tokens: number): Promise<{ rows: Row[]; chart: string }> {
  const ideal = (Math.ceil(tokens / PER_WINDOW) - 1) * WINDOW_SECONDS;
  // All at the same time, each with an Atlas of its own: they do little more than wait.
  const runAll = async (endpoint: Endpoint) => {
    const runs = CONTENDERS.map(async (each) => [each, await run(workspace, each, endpoint, tokens)] as const);
    return new Map(await Promise.all(runs));
  };
  const [issues, revokes] = await Promise.all([runAll("issue"), runAll("revoke")]);
  const rows = [issues, revokes].flatMap((runs) =>
    (["dynamic", "packaged"] as const).flatMap((ours): Row[] => {
      const [mine, plain] = [runs.get(ours)!, runs.get("plain")!];
      if (mine.lost > 0) throw new Error(`${ours} lost ${mine.lost} tokens under the rate limit`);
      const headline = runs === revokes;
      const what = `${headline ? "revoke" : "issue"} ${tokens} under the rate limit`;
      const row = { what, unit: "s", ours, values: [mine.seconds] };
      const rival = plain.lost === 0 ? "plain" : `plain, which lost ${plain.lost}`;
      return [
        { ...row, note: `, ${mine.refused} refused`, rival: "ideal", rivals: [ideal], headline },
        { ...row, rival, rivals: [plain.seconds] },
        { ...row, what: `${what}, refused`, unit: "", values: [mine.refused], rival, rivals: [plain.refused] },
      ];
    }),
  );
  return { rows, chart: chartOf(tokens, revokes) };
}

async function run(workspace: Workspace, contender: Contender, endpoint: Endpoint, tokens: number): Promise<Run> {
  const atlas = await startLocalAtlas({ clients: CLIENTS, requestsPerWindow: 0, activeTokens: 0 });
  const provider = await Provider.start(workspace, contender, atlas.url);
  const creates = await inParallel(tokens, (index) => provider.prepare(`token-${index}`, 0));
  const created = endpoint === "revoke" ? await inParallel(tokens, (index) => creates[index]!()) : [];
  Object.assign(atlas.settings, { requestsPerWindow: PER_WINDOW, windowSeconds: WINDOW_SECONDS });
  const start = performance.now();
  const now = (): number => (performance.now() - start) / 1000;
  const doneAt: number[] = [];
  await inParallel(tokens, async (index) => {
    const work = endpoint === "issue" ? creates[index]!() : provider.delete(created[index]!);
    await work.then(() => doneAt.push(now())).catch(() => undefined);
  });
  const seconds = now();
  await Promise.all([provider.close(), atlas.close()]);
  const refused = atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  return { seconds, refused, lost: tokens - doneAt.length, doneAt };
}

/** Tokens revoked over time, as a Mermaid chart with a line for the ideal and one for each contender. */
function chartOf(tokens: number, runs: ReadonlyMap<Contender, Run>): string {
  const end = Math.ceil(Math.max(...[...runs.values()].map(({ seconds }) => seconds)));
  const lineOf = (doneBy: (second: number) => number): string =>
    `  line [${Array.from({ length: end + 1 }, (_, second) => doneBy(second)).join(", ")}]`;
  return [
    `Its lines are, in this order: the ideal, ${[...runs.keys()].join(", ")}.\n`,
    "```mermaid",
    "xychart-beta",
    `  title "Tokens revoked over time, with ${PER_WINDOW} requests allowed every ${WINDOW_SECONDS} s"`,
    `  x-axis "seconds" 0 --> ${end}`,
    `  y-axis "revoked" 0 --> ${tokens}`,
    lineOf((second) => Math.min(tokens, (Math.floor(second / WINDOW_SECONDS) + 1) * PER_WINDOW)),
    ...[...runs.values()].map(({ doneAt }) => lineOf((second) => doneAt.filter((time) => time <= second).length)),
    "```",
  ].join("\n");
}
