import { isAtlasOAuthError, type CallOptions } from "pulumi-atlas-token/oauth";
import { adviceFor } from "./advice";
import { listProjects } from "./projects";
import { withToken } from "./with-token";

const interruption = new AbortController();
// The first signal ends the work, and the token is revoked. A second one ends the script at once.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interruption.abort(name));
// A closed pipe must not end the script while the token is active.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const { signal } = interruption;
const options: CallOptions = {
  baseUrl: process.env["MONGODB_ATLAS_BASE_URL"] ?? "https://cloud.mongodb.com",
  clientId: process.env["MONGODB_ATLAS_CLIENT_ID"] ?? "",
  clientSecret: process.env["MONGODB_ATLAS_CLIENT_SECRET"] ?? "",
  signal,
  onWait: ({ endpoint, code, waitMs }) => say(`${endpoint}: ${code}, next attempt in ${Math.ceil(waitMs / 1000)} s`),
};

withToken(options, (accessToken) => listProjects(options.baseUrl, accessToken, signal))
  .then((names) => process.stdout.write(names.map((name) => `${name}\n`).join("")))
  .catch((error: unknown) => {
    for (const each of error instanceof AggregateError ? (error.errors as unknown[]) : [error]) explain(each);
    process.exitCode = signal.aborted ? 130 : 1;
  });

function explain(error: unknown): void {
  say(error instanceof Error ? error.message : String(error));
  if (isAtlasOAuthError(error)) say(adviceFor(error));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
