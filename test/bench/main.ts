import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { startLocalAtlas } from "../../examples/local-atlas";
import { theEngine } from "../support/open-stack";
import { CLIENTS } from "./accounts";
import { chartOf } from "./chart";
import { benchLimit } from "./limit";
import { benchMemory } from "./memory";
import { benchOperations } from "./operations";
import { tableOf } from "./report";
import { benchState } from "./state";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: "string" } } });
  const engine = await theEngine();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`;
  const driver = engine ? `the Pulumi engine ${engine.version}` : "Pulumi's provider host alone: no engine was found";
  console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}, with ${driver}\n`);

  const atlas = await startLocalAtlas({ clients: CLIENTS, requestsPerWindow: 0, activeTokens: 0 });
  try {
    const rows = await benchState(atlas, engine ? "engine" : "host");
    rows.push(...(await benchOperations(atlas)), ...(await benchMemory(atlas)));
    const limit = await benchLimit();
    rows.push(...limit.rows);
    console.log(`${tableOf(rows)}\n\n${chartOf(limit.revokedAt)}`);
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify({ date: new Date(), machine, driver, ...limit, rows }, null, 2)}\n`);
    }
  } finally {
    await atlas.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
