import { constants } from "node:os";
import { isAtlasOAuthError, type CallOptions } from "pulumi-atlas-token/oauth";
import { auditLog } from "../support/audit-log";
import { untilDone } from "../support/until-done";
import { adviceFor } from "./advice";
import { listProjects } from "./projects";
import { withToken } from "./with-token";

const interruption = new AbortController();
const { signal } = interruption;
let exitCodeOnError = 1;
// The first signal ends the work, and the token is revoked. A second one ends the script at once.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => {
    exitCodeOnError = 128 + constants.signals[name];
    interruption.abort(new Error(`interrupted by ${name}`));
  });
}
// A closed pipe must not end the script while the token is active.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const options: CallOptions = {
  baseUrl: process.env["MONGODB_ATLAS_BASE_URL"] || "https://cloud.mongodb.com",
  clientId: process.env["MONGODB_ATLAS_CLIENT_ID"] ?? "",
  clientSecret: process.env["MONGODB_ATLAS_CLIENT_SECRET"] ?? "",
  signal,
  onWait: ({ endpoint, code, waitMs }) => log(`${endpoint}: ${code}; retrying in ${Math.ceil(waitMs / 1000)} s`),
  onEvent: auditLog(),
};

const work = withToken(options, (accessToken) => listProjects(options.baseUrl, accessToken, signal))
  .then((names) => process.stdout.write(names.map((name) => `${name}\n`).join("")))
  .catch((error: unknown) => {
    for (const cause of error instanceof AggregateError ? (error.errors as unknown[]) : [error]) explain(cause);
    process.exitCode = exitCodeOnError;
  });
untilDone(work);

function explain(error: unknown): void {
  log(error instanceof Error ? error.message : String(error));
  if (isAtlasOAuthError(error)) log(adviceFor(error));
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
