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
  /** How many calls succeeded. */
  readonly done: number;
}

/** Many tokens of one service account under the rate limit. */
export async function benchLimit(workspace: Workspace, tokens: number, rounds: number): Promise<Row[]> {
  const seconds = (Math.ceil(tokens / PER_WINDOW) - 1) * WINDOW_SECONDS;
  const contenders = ["dynamic", "packaged", "plain"] as const;
  const figures = (): { issue: number; revoke: number; refused: number; lost: number }[] => [];
  const samples = new Map<string, ReturnType<typeof figures>>(contenders.map((contender) => [contender, figures()]));
  samples.set(
    "ideal",
    Array<ReturnType<typeof figures>[0]>(rounds).fill({ issue: seconds, revoke: seconds, refused: 0, lost: 0 }),
  );
  const measure = async (contender: Contender): Promise<void> => {
    const runs = (["issue", "revoke"] as const).map((endpoint) => run(workspace, contender, endpoint, tokens));
    const [issue, revoke] = (await Promise.all(runs)) as [Run, Run];
    const lost = 2 * tokens - issue.done - revoke.done;
    if (lost > 0 && contender !== "plain") throw new Error(`${contender} lost ${lost} tokens under the rate limit`);
    samples
      .get(contender)!
      .push({ issue: issue.seconds, revoke: revoke.seconds, refused: issue.refused + revoke.refused, lost });
  };
  // All at the same time, each with an Atlas of its own: they do little more than wait.
  for (let round = 0; round < rounds; round++) await Promise.all(contenders.map(measure));
  const titles = {
    issue: `issue ${tokens}`,
    revoke: `revoke ${tokens}`,
    refused: "refused requests",
    lost: "lost tokens",
  };
  return (["issue", "revoke", "refused", "lost"] as const).flatMap((figure) => {
    const timed = figure === "issue" || figure === "revoke";
    const row = { section: "Under the rate limit", what: titles[figure], unit: timed ? "s" : "" };
    return (timed ? ["ideal", "plain"] : ["plain"]).flatMap((rival) =>
      compare(samples, figure, row, [
        ["dynamic", rival],
        ["packaged", rival],
      ]),
    );
  });
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
  const succeeded = await inParallel(calls, (call) =>
    call().then(
      () => true,
      () => false,
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  await Promise.all([provider.host.close(), atlas.close()]);
  const refused = atlas.log().filter((entry) => entry.endpoint === endpoint && entry.status === 429).length;
  return { seconds, refused, done: succeeded.filter(Boolean).length };
}
