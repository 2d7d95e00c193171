import { z } from "zod";

import type { TokenEvent } from "../oauth/events";

// In a file of its own, so that writing events does not load zod.
export { openAuditLog, type TokenListener } from "./audit-file";

/**
 * What each line of an audit log contains, as JSON. No field is secret.
 *
 * @example
 * const events = readFileSync("tokens.jsonl", "utf8").trimEnd().split("\n").map((line) => auditEventSchema.parse(JSON.parse(line)));
 */
export const auditEventSchema: z.ZodType<TokenEvent> = z.strictObject({
  time: z.iso.datetime(),
  event: z.enum([
    "issued",
    "adopted",
    "imported",
    "revoked",
    "expired",
    "found_revoked",
    "issue_failed",
    "revoke_failed",
  ]),
  resourceId: z.string().min(1).exactOptional(),
  clientId: z.string(),
  origin: z.string(),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
  // Whatever a server or the envelope in its body says.
  status: z.int().exactOptional(),
  code: z.string().exactOptional(),
  attempts: z.int().min(0).exactOptional(),
  serviceVersion: z.string().exactOptional(),
});
