import { appendFileSync, closeSync, constants, openSync } from "node:fs";

import type { TokenEvent } from "../oauth/events";

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
      append(file, `${JSON.stringify(event)}\n`);
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

function append(file: string, line: string): void {
  const descriptor = openSync(file, APPEND, 0o600);
  try {
    appendFileSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}
