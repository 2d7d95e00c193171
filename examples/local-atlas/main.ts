import { startFromCommandLine } from "./command";
import { HELP, usage } from "./usage";

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    process.stdout.write(HELP);
    return;
  }
  const atlas = await startFromCommandLine(process.argv.slice(2), process.env);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void atlas.close());
  process.stdout.write(`Local Atlas is listening on ${atlas.url}. Press Ctrl-C to stop it.\n\n${usage(atlas.url)}`);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Local Atlas: ${message}\n`);
  process.exitCode = 1;
});
