import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultClientId, defaultClientSecret, startLocalAtlas } from "../local-atlas";
import { openCliStack } from "./cli-stack";
import { runDemo } from "./demo";
import { findOrDownloadEngine } from "./find-engine";
import { openHostStack } from "./host-stack";
import { heading, paragraph } from "./terminal";

/** A demo that hangs is worse than one that fails. */
const LONGEST = 110_000;

async function main(): Promise<void> {
  const engine = process.env["ENGINE"] === "none" ? undefined : await findOrDownloadEngine(paragraph);
  paragraph(
    engine
      ? `The Pulumi engine ${engine.version} runs the program of examples/quickstart against Local Atlas.`
      : "Without a Pulumi engine, the demo calls Pulumi's host of dynamic providers itself, in a straight line: " +
          "check, diff, create and delete for the program of examples/quickstart, against Local Atlas.",
  );
  const atlas = await startLocalAtlas();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "pulumi-atlas-token-demo-")));
  const cleanUp = async (): Promise<void> => {
    await Promise.all([atlas.close(), rm(folder, { recursive: true, force: true })]);
  };
  const giveUp = (reason: string): void => {
    heading(reason);
    void cleanUp().finally(() => process.exit(1));
  };
  // Its tokens exist only in Local Atlas, which ends with this process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => giveUp("Interrupted."));
  const timer = setTimeout(() => giveUp("The demo took too long."), LONGEST);
  try {
    const auditLog = join(folder, "audit.jsonl");
    const place = {
      folder,
      env: { MONGODB_ATLAS_BASE_URL: atlas.url, PULUMI_ATLAS_TOKEN_AUDIT_LOG: auditLog },
      config: { "mongodbatlas:clientId": defaultClientId, "mongodbatlas:clientSecret": defaultClientSecret },
    };
    const stack = engine ? await openCliStack(engine, place) : openHostStack(place);
    // A busy machine takes longer for the first two steps, as it did to get here.
    const freshSeconds = engine ? 25 : 5 + Math.ceil(3 * process.uptime());
    await runDemo({ stack, atlas, auditLog, freshSeconds });
  } finally {
    clearTimeout(timer);
    await cleanUp();
  }
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  heading(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
});
