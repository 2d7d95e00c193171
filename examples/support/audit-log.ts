import { openAuditLog, type TokenListener } from "pulumi-atlas-token/audit-log";

/**
 * Returns the listener with which the examples write to the audit log, as the provider does; undefined if the environment
 * names none.
 */
export function auditLog(
  file = process.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] ?? "",
  warn = (line: string): void => void process.stderr.write(`${line}\n`),
): TokenListener | undefined {
  return file === "" ? undefined : openAuditLog(file, warn);
}
