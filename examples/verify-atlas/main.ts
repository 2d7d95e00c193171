import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { untilDone } from "../support/until-done";
import { readAccount } from "./account";
import { exitCodeOf, formatResult, formatSummary, HEADING, toJson } from "./report";
import { verify } from "./verify";

const USAGE = `Compares the responses of Atlas's OAuth endpoints with their documentation.

  npm run verify:atlas [-- --report FILE]

Issues one token of the service account in MONGODB_ATLAS_CLIENT_ID and
MONGODB_ATLAS_CLIENT_SECRET, uses it, and revokes it: ten requests at most.
MONGODB_ATLAS_BASE_URL is https://cloud.mongodb.com by default.

  --report FILE  writes a JSON report to attach to an issue; it contains no
                 client ID, no secret and no token
  --help         prints this text

Exit codes: 0 if everything is as documented, 1 if something is different, 2 if
the token is still active, no token was received, or a variable is invalid.
`;

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { report: text, help: { type: "boolean" } } });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const account = readAccount(process.env);

  const interruption = new AbortController();
  // A signal skips the remaining requests except for the revocation; only a second one ends the script at once.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interruption.abort());
  // A closed pipe must not end the script while the token is active.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

  let index = 0;
  process.stdout.write(HEADING);
  const verification = await verify(account, interruption.signal, (result) => {
    process.stdout.write(formatResult(result, (index += 1)));
  });
  process.stdout.write(formatSummary(verification));
  if (values.report !== undefined) await writeFile(values.report, toJson(verification, account.origin));
  return exitCodeOf(verification);
}

const running = main()
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    process.stderr.write(`verify-atlas: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  });
untilDone(running);
