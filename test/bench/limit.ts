import { startLocalAtlas, type Endpoint } from "../../examples/local-atlas";
import { inParallel } from "../support/in-parallel";
import { Provider } from "./provider";
import type { Row } from "./report";
import type { Contender } from "./rivals/program";
import { compare } from "./samples";
import { CLIENTS, type Workspace } from "./workspace";

/** The documented limit, with its window of a minute scaled down. */
const PER_WINDOW = 10;
const WINDOW_SECONDS = 2;

interface Run {
  readonly seconds: number;
  readonly refused: number;
  /** When each call succeeded, in seconds. */
  readonly doneAt: readonly number[];
}

/** Many tokens of one service account under the rate limit, and a chart of those that are revoked over time. */
export async function benchLimit(workspace: Workspace, tokens: number): Promise<{ rows: Row[]; chart: string }> {
  const seconds = (Math.ceil(tokens / PER_WINDOW) - 1) * WINDOW_SECONDS;
  const samples = new Map([["ideal", [{ issue: seconds, revoke: seconds, refused: 0, lost: 0 }]]]);
  const revokes = new Map<string, readonly number[]>();
  // All at the same time, each with an Atlas of its own: they do little more than wait.
  const measure = async (contender: Contender): Promise<void> => {
    const runs = (["issue", "revoke"] as const).map((endpoint) => run(workspace, contender, endpoint, tokens));
    const [issue, revoke] = (await Promise.all(runs)) as [Run, Run];
    const lost = 2 * tokens - issue.doneAt.length - revoke.doneAt.length;
    if (lost > 0 && contender !== "plain") throw new Error(`${contender} lost ${lost} tokens under the rate limit`);
    const refused = issue.refused + revoke.refused;
    samples.set(contender, [{ issue: issue.seconds, revoke: revoke.seconds, refused, lost }]);
    revokes.set(contender, revoke.doneAt);
  };
  const contenders = ["dynamic", "packaged", "plain"] as const;
  for (const contender of contenders) revokes.set(contender, []);
  await Promise.all(contenders.map(measure));
  const titles = [`issue ${tokens}`, `revoke ${tokens}`, "refused requests", "lost tokens"] as const;
  const rows = (["issue", "revoke", "refused", "lost"] as const).flatMap((figure, index) => {
    const timed = figure === "issue" || figure === "revoke";
    const headline = figure === "revoke" || figure === "refused";
    const row = { what: `${titles[index]} under the rate limit`, unit: timed ? "s" : "", headline };
    return (timed ? ["ideal", "plain"] : ["plain"]).flatMap((rival) => {
      return compare(samples, figure, row, [
        ["dynamic", rival],
        ["packaged", rival],
      ]);
    });
  });
  return { rows, chart: chartOf(tokens, revokes) };
}

async function run(workspace: Workspace, contender: Contender, endpoint: Endpoint, tokens: number): Promise<Run> {
  const atlas = await startLocalAtlas({ clients: CLIENTS, requestsPerWindow: 0, activeTokens: 0 });
  const provider = await Provider.start(workspace, contender, atlas.url);
  const names = Array.from({ length: tokens }, (_, index) => `token-${index}`);
  const creates = await inParallel(names, (name) => provider.prepare(name, 0));
  const created = endpoint === "revoke" ? await inParallel(creates, (create) => create()) : [];
  const calls: (() => Promise<unknown>)[] =
    endpoint === "issue" ? creates : created.map((token) => () => provider.delete(token));
  Object.assign(atlas.settings, { requestsPerWindow: PER_WINDOW, windowSeconds: WINDOW_SECONDS });
  const start = performance.now();
  const now = (): number => (performance.now() - start) / 1000;
  const times = await inParallel(calls, (call) => call().then(now, () => undefined));
  const seconds = now();
  await Promise.all([provider.host.close(), atlas.close()]);
  const refused = atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  return { seconds, refused, doneAt: times.filter((time) => time !== undefined) };
}

/** Tokens revoked over time, as a Mermaid chart with a line for the ideal and one for each contender. */
function chartOf(tokens: number, runs: ReadonlyMap<string, readonly number[]>): string {
  const end = Math.ceil(Math.max(...[...runs.values()].flat()));
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
    ...[...runs.values()].map((doneAt) => lineOf((second) => doneAt.filter((time) => time <= second).length)),
    "```",
  ].join("\n");
}
