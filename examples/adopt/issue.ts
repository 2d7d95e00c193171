import { untilDone } from "../support/until-done";
import { printToken } from "./print-token";

// A step of a pipeline: issues the token that index.ts adopts. The first signal ends the waits; a token that was issued is then revoked.
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => {
    process.stderr.write(`interrupted by ${name}\n`);
    interruption.abort();
  });
}

const running = printToken(process.env, process.stdout, interruption.signal).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
untilDone(running);
