import { appendFileSync, constants } from "node:fs";

import { z } from "zod";

import type { TokenEvent } from "../oauth/events";

/**
 * What each line of an audit log contains, as JSON. No field is secret.
 *
 * @example
 * const events = readFileSync("tokens.jsonl", "utf8").trimEnd().split("\n").map((line) => auditEventSchema.parse(JSON.parse(line)));
 */
export const auditEventSchema: z.ZodType<TokenEvent> = z.strictObject({
  time: z.iso.datetime(),
  event: z.enum(["issued", "adopted", "imported", "revoked", "expired", "issue_failed", "revoke_failed"]),
  resourceId: z.string().min(1).exactOptional(),
  clientId: z.string(),
  origin: z.string(),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
  status: z.int().min(100).max(599).exactOptional(),
  code: z.string().exactOptional(),
  attempts: z.int().min(0).exactOptional(),
  serviceVersion: z.string().exactOptional(),
});

/**
 * Records an event; it never throws.
 *
 * @param event what happened to a token
 */
export type TokenListener = (event: TokenEvent) => void;

/** The write of a line is atomic with `O_APPEND`; with `O_NONBLOCK` a pipe that nobody reads does not block an operation. */
const APPEND =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (process.platform === "win32" ? 0 : constants.O_NONBLOCK);

/**
 * Returns a listener that appends one line of JSON to a file for each event. Several processes can share the file. It is
 * created with mode 0600.
 *
 * @param file the path of the file, absolute or from the working directory
 * @param warn is called once if the file cannot be written; nothing else happens then
 * @example
 * const onEvent = openAuditLog("/var/log/atlas-tokens.jsonl", console.warn);
 * await revokeToken({ ...options, onEvent });
 */
export function openAuditLog(file: string, warn: (line: string) => void): TokenListener {
  let warned = false;
  return (event) => {
    try {
      appendFileSync(file, `${JSON.stringify(event)}\n`, { flag: APPEND as unknown as string, mode: 0o600 });
    } catch (error) {
      if (warned) return;
      warned = true;
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      warn(
        `The audit log ${file} cannot be written (${code}). It will be incomplete; the operations continue. Check the path and its permissions.`,
      );
    }
  };
}
