import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const DIRECTORY = join(__dirname, "..", "golden");

/**
 * Compares a text with the file of that name in `test/golden`, which documents it; `UPDATE_GOLDEN=1` writes the file
 * instead. The file ends with a line break, the text need not.
 *
 * @example golden("revoke/rate_limited.txt", error.message);
 */
export function golden(name: string, actual: string): void {
  const file = join(DIRECTORY, name);
  const text = actual.endsWith("\n") ? actual : `${actual}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.ok(existsSync(file), `test/golden/${name} is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(text, readFileSync(file, "utf8"), `test/golden/${name} differs; UPDATE_GOLDEN=1 accepts the new text`);
}
