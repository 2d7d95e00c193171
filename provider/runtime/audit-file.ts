import { appendFileSync, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

import type { TokenEvent } from "../oauth/events";
import { printable } from "../oauth/failure/printable";

/**
 * Records an event; it never throws.
 *
 * @param event what happened to a token
 */
export type TokenListener = (event: TokenEvent) => void;

/** With this, a pipe that nobody reads or writes does not block an operation. */
const NONBLOCK = process.platform === "win32" ? 0 : constants.O_NONBLOCK;
/** The write of a line is atomic with `O_APPEND`. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NONBLOCK;
const READ = constants.O_RDONLY | NONBLOCK;

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
      const start = endsWithinLine(file) ? "\n" : "";
      append(file, `${start}${escaped(JSON.stringify(event))}\n`);
    } catch (error) {
      if (warned) return;
      warned = true;
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      warn(
        `The audit log ${printable(file)} cannot be written (${code}). It will be incomplete; the operations continue. Check the path and its permissions.`,
      );
    }
  };
}

/** How long another process may take to write the rest of its line, in milliseconds. */
const PATIENCE_MS = 50;

/** Whether the file ends with a part of a line, as a disk that was full leaves it, and nobody is writing the rest. */
function endsWithinLine(file: string): boolean {
  const size = sizeIfCut(file);
  if (size === undefined) return false;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PATIENCE_MS);
  return sizeIfCut(file) === size;
}

/** The size of a file whose last line has no end. A file that cannot be read is taken for whole. */
function sizeIfCut(file: string): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, READ);
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== "\n" ? size : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** JSON escapes only the first 32 control characters; a terminal that shows the file knows more. */
function escaped(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index).toString(16).padStart(4, "0"))
      .map((code) => `\\u${code}`)
      .join(""),
  );
}

function append(file: string, line: string): void {
  const descriptor = openSync(file, APPEND, 0o600);
  try {
    appendFileSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}
