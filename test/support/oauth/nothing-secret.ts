import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Fails if a secret, in one of the given forms, is in anything that can be seen of a value. */
export function assertNothingSecret(value: unknown, forms: readonly string[]): void {
  for (const view of viewsOf(value)) {
    // The frames of a stack trace name functions, which a secret drawn at random can be a part of.
    const text = view.replace(/^[\s'+]*at .*$/gm, "");
    for (const form of forms) assert.ok(!text.includes(form), `the secret ${JSON.stringify(form)} is in ${text}`);
  }
}

function viewsOf(value: unknown): string[] {
  const views = [inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity }), json(value)];
  if (!(value instanceof Error)) return views;
  const own = Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]));
  return [...views, String(value), value.message, value.stack ?? "", json(own), ...viewsOf(value.cause)];
}

function json(value: unknown): string {
  return JSON.stringify([value]);
}
