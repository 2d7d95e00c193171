import { issueToken, revokeToken } from "pulumi-atlas-token/oauth";
import { auditLog } from "../support/audit-log";

// A step of the pipeline. It prints nothing but the token, for the command behind the pipe.
async function main(): Promise<void> {
  const { MONGODB_ATLAS_BASE_URL, MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET } = process.env;
  const options = {
    baseUrl: MONGODB_ATLAS_BASE_URL ?? "https://cloud.mongodb.com",
    clientId: MONGODB_ATLAS_CLIENT_ID ?? "",
    clientSecret: MONGODB_ATLAS_CLIENT_SECRET ?? "",
    onEvent: auditLog(),
  };
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      process.stderr.write(`interrupted by ${name}\n`);
      interruption.abort();
    });
  }

  // A request in flight finishes, since it may issue a token that must then be revoked.
  const { accessToken, expiresAt } = await issueToken({ ...options, waitSignal: interruption.signal });
  if (!interruption.signal.aborted && (await print(accessToken))) return;
  await revokeToken({ ...options, token: accessToken, expiresAt });
  throw new Error("the token could not be passed on, so it was revoked");
}

/** Resolves to false if nobody reads standard output. */
function print(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.on("error", () => resolve(false)).write(text, (error) => resolve(!error));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
