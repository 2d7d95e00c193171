import { appendFileSync } from "node:fs";
import type { TokenEvent } from "pulumi-atlas-token/oauth";

/**
 * Returns a listener for `onEvent` that appends one line of JSON for each event to the file that the provider uses as
 * well. Without a file it does nothing.
 *
 * @param warn is called once if the file cannot be written, which must not keep a token from being revoked
 */
export function auditLog(
  file = process.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"] ?? "",
  warn = (line: string): void => void process.stderr.write(`${line}\n`),
): (event: TokenEvent) => void {
  let isWritable = file !== "";
  return (event) => {
    if (!isWritable) return;
    try {
      appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    } catch (error) {
      isWritable = false;
      warn(`The audit log ${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`);
    }
  };
}
