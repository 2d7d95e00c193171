import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";

import { setEnvironment, type Environment } from "./environment";

/**
 * Runs the tests of a suite with these proxies rather than the machine's own, and fails one in which a rejection went
 * unhandled or Node.js warned of something.
 */
export function watchSurroundings(env: () => Environment = () => ({})): void {
  let restore: () => void = () => undefined;
  let seen: string[] = [];
  const note = (problem: unknown): void => {
    // Node.js's own word to whoever set it, once a process.
    if (!String(problem).includes("NODE_TLS_REJECT_UNAUTHORIZED")) seen.push(String(problem));
  };

  before(() => {
    restore = setEnvironment(env());
    process.on("unhandledRejection", note).on("warning", note);
  });
  afterEach(async () => {
    await setImmediate();
    const problems = seen;
    seen = [];
    assert.deepEqual(problems, []);
  });
  after(() => {
    process.off("unhandledRejection", note).off("warning", note);
    restore();
  });
}
