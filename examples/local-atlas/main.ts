import { greeting, startFromCommandLine } from "./command";

async function main(): Promise<void> {
  const atlas = await startFromCommandLine(process.argv.slice(2), process.env);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void atlas.close());
  process.stdout.write(greeting(atlas.url));
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Local Atlas: ${message}\n`);
  process.exitCode = 1;
});
