import assert from "node:assert/strict";
import {
  defaultClientId,
  defaultClientSecret,
  startLocalAtlas,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";
import { openStack } from "../../support/open-stack";
import type { Run, Stack } from "../../support/stack";

export interface StackFixture {
  readonly stack: Stack;
  readonly atlas: LocalAtlas;
}

/** What a machine has in its environment that works with a local Atlas. */
export function variablesFor({ url }: LocalAtlas): Record<string, string> {
  return {
    MONGODB_ATLAS_BASE_URL: url,
    MONGODB_ATLAS_CLIENT_ID: defaultClientId,
    MONGODB_ATLAS_CLIENT_SECRET: defaultClientSecret,
  };
}

/** A stack and a local Atlas for each test of a suite, gone after it. */
export function stackFixture(options: LocalAtlasOptions = {}): () => StackFixture {
  let fixture: StackFixture | undefined;
  beforeEach(async function () {
    // Each operation starts a provider host, which takes its time on a busy machine.
    this.currentTest?.timeout(60_000);
    fixture = { stack: await openStack("host"), atlas: await startLocalAtlas(options) };
    Object.assign(fixture.stack.env, variablesFor(fixture.atlas));
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
