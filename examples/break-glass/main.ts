// Revokes every active token in an exported state of a stack: the README says when to use it, and `--help` how. This file
// connects run() to the streams and signals of its process.

import { auditLog } from "../support/audit-log";
import { untilDone } from "../support/until-done";
import { run } from "./run";

const interruption = new AbortController();
// The first signal ends the waits, but not the requests in flight, and the report lists what is not revoked. A second
// one ends the script at once.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interruption.abort());

// A closed pipe (`| head -1`) or a full disk must not end the script while tokens are active.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

let isReportLost = false;

/** Falls back to standard error when standard output cannot be written. */
function print(text: string): void {
  process.stdout.write(text, (error) => {
    if (!error) return;
    if (!isReportLost) {
      const code = (error as NodeJS.ErrnoException).code ?? error.name;
      log(`break-glass: cannot write to standard output (${code}); writing the report to standard error instead`);
    }
    isReportLost = true;
    process.stderr.write(text);
  });
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

const { NO_COLOR = "", TERM } = process.env;

const running = run(process.argv.slice(2), {
  stdin: process.stdin,
  print,
  log,
  color: process.stdout.isTTY && NO_COLOR === "" && TERM !== "dumb",
  env: process.env,
  onEvent: auditLog(process.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"], log),
  signal: interruption.signal,
});
untilDone(running.then((code) => (process.exitCode = code)));
