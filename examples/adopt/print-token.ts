import type { Writable } from "node:stream";
import { issueToken, revokeToken } from "pulumi-atlas-token/oauth";
import { auditLog } from "../support/audit-log";

/**
 * Issues a token and prints nothing else, for the command behind the pipe. If that has ended before it could read the token, the token is revoked.
 *
 * @throws if the signal aborts or nobody reads the output
 */
export async function printToken(env: NodeJS.ProcessEnv, output: Writable, signal: AbortSignal): Promise<void> {
  const options = {
    baseUrl: env["MONGODB_ATLAS_BASE_URL"] || "https://cloud.mongodb.com",
    clientId: required(env, "MONGODB_ATLAS_CLIENT_ID"),
    clientSecret: required(env, "MONGODB_ATLAS_CLIENT_SECRET"),
    onEvent: auditLog(env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] ?? ""),
  };
  // A request in flight finishes, since it may issue a token that must then be revoked.
  const { accessToken, expiresAt } = await issueToken({ ...options, waitSignal: signal });
  if (!signal.aborted && (await write(output, accessToken))) return;
  await revokeToken({ ...options, token: accessToken, expiresAt });
  throw new Error("the token could not be passed on, so it was revoked");
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? "";
  if (value === "") throw new Error(`${name} is not set`);
  return value;
}

/** Resolves to false if nobody reads the output. */
function write(output: Writable, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    output.on("error", () => resolve(false)).write(text, (error) => resolve(!error));
  });
}
