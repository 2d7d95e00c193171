import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";

import { startLocalAtlas } from "../../examples/local-atlas";
import { findEngine } from "../../examples/demo/find-engine";
import { benchCommands } from "./commands";
import { benchLimit } from "./limit";
import { benchCalls, benchFirstDelete, benchMemory, benchStarts } from "./processes";
import { tablesOf } from "./report";
import { CLIENTS, repository, Workspace } from "./workspace";

/*
 * Measures ours in both forms against their rivals, all in one run, and writes the tables of
 * docs/benchmarks.md. With `--quick` it only shows that it works: it takes a minute and prints tables of no significance.
 */

async function main(): Promise<void> {
  const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
  const start = performance.now();
  const engine = await findEngine();
  const atlas = await startLocalAtlas({ clients: CLIENTS, requestsPerWindow: 0, activeTokens: 0 });
  const workspace = new Workspace(engine?.command ?? "", atlas.url);
  try {
    const rounds = new Map(
      quick
        ? [[2, 2]]
        : [
            [100, 5],
            [1000, 3],
          ],
    );
    const rows = engine ? await benchCommands(workspace, rounds) : [];
    rows.push(...(await benchCalls(workspace, quick ? 2 : 12, quick ? 5 : 30)));
    rows.push(...(await benchFirstDelete(workspace, quick ? 2 : 12)));
    rows.push(...(await benchStarts(workspace, quick ? 2 : 7)));
    // Neither depends on the speed of the machine, so they may disturb each other.
    const memory = benchMemory(workspace, quick ? 2 : 3, quick ? 20 : 1000);
    const limit = await benchLimit(workspace, quick ? 20 : 100, quick ? 2 : 3);
    rows.push(...(await memory), ...limit);

    const machine = `${cpus().length} × ${cpus()[0]?.model ?? "an unknown CPU"}, Node.js ${process.version}`;
    const measured = `Measured by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)} with ${machine}`;
    const intro = engine
      ? `${measured} and Pulumi ${engine.version}.`
      : `${measured}. No Pulumi engine was found, so the rows that need one are left out.`;
    await publish("docs/benchmarks.md", "bench", [intro, tablesOf(rows)], quick);
    console.log(`Took ${Math.round((performance.now() - start) / 1000)} s.`);
  } finally {
    await atlas.close();
    workspace.close();
  }
}

/** Puts paragraphs between the markers of a page, or only prints them. */
async function publish(page: string, marker: string, paragraphs: readonly string[], printOnly: boolean): Promise<void> {
  const text = paragraphs.join("\n\n");
  console.log(`${text}\n`);
  if (printOnly) return;
  const path = join(repository, page);
  const [start, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [before = "", , after] = readFileSync(path, "utf8").split(new RegExp(`${start}|${end}`));
  if (after === undefined) throw new Error(`${page} has no place for the tables between ${start} and ${end}`);
  const content = `${before}${start}\n\n${text}\n\n${end}${after}`;
  writeFileSync(path, await format(content, { ...(await resolveConfig(path)), parser: "markdown" }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
