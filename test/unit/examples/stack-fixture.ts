import assert from "node:assert/strict";
import { startLocalAtlas, type LocalAtlas, type LocalAtlasOptions } from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { openStack } from "../../support/open-stack";
import type { Run, Stack } from "../../support/stack";

export interface StackFixture {
  readonly stack: Stack;
  readonly atlas: LocalAtlas;
}

/** A stack and a local Atlas for each test of a suite, gone after it. */
export function stackFixture(options: LocalAtlasOptions = {}): () => StackFixture {
  let fixture: StackFixture | undefined;
  beforeEach(async function () {
    // Each operation starts a provider host, which takes its time on a busy machine.
    this.currentTest?.timeout(60_000);
    fixture = { stack: await openStack("host"), atlas: await startLocalAtlas(options) };
    Object.assign(fixture.stack.env, environmentFor(fixture.atlas));
  });
  afterEach(async () => {
    await fixture?.stack.close();
    await fixture?.atlas.close();
  });
  return () => {
    assert.ok(fixture, "only within a test");
    return fixture;
  };
}

export async function succeeds(running: Promise<Run>): Promise<Run> {
  const run = await running;
  assert.ok(run.succeeded, run.output);
  return run;
}
