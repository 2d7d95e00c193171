import assert from "node:assert/strict";

import {
  defaultClientId,
  defaultClientSecret,
  type LocalAtlas,
  type LocalAtlasOptions,
} from "../../../examples/local-atlas";
import { environmentFor } from "../../support/environment-for";
import { openStack, type Driver } from "../../support/open-stack";
import type { CommandRun, Run, Stack } from "../../support/stack";
import { useLocalAtlas } from "./use-local-atlas";

export interface Scene {
  readonly atlas: LocalAtlas;
  /** Logged in to the default account of that Atlas. */
  readonly stack: Stack;
  /** Milliseconds by which the clock of Atlas is behind: what it issues is that old. */
  readonly clock: { behind: number };
  /** Runs the CLI of the real engine itself. */
  readonly command: (...args: readonly string[]) => Promise<CommandRun>;
}

/**
 * To be called where scenarios are described: each opens a stack and an Atlas. When it is over, no secret may stand in
 * what a person saw, nor in what lies in the backend.
 */
export function useScene(driver: Driver): (options?: LocalAtlasOptions) => Promise<Scene> {
  const startAtlas = useLocalAtlas();
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  return async (options = {}) => {
    const clients = options.clients ?? { [defaultClientId]: defaultClientSecret };
    const clock = { behind: 0 };
    const atlas = await startAtlas({ now: () => Date.now() - clock.behind, ...options, clients });
    const stack = await openStack(driver.name);
    const seen: string[] = [];
    endings.push(async () => {
      try {
        const secrets = [...Object.values(clients).flat(), ...atlas.tokens().map(({ token }) => token)];
        assertHidden(secrets, [...seen, await stack.exportText()]);
      } finally {
        await stack.close();
      }
    });

    Object.assign(stack.env, environmentFor(atlas));
    const command: Scene["command"] = async (...args) => {
      assert.ok(stack.command, "only the real engine has a CLI");
      const run = await stack.command(args);
      seen.push(run.stdout, run.stderr);
      return run;
    };
    return { atlas, stack: watched(stack, seen), clock, command };
  };
}

/** The same stack, all of whose output is written down. */
function watched(stack: Stack, seen: string[]): Stack {
  const watch = async (running: Promise<Run>): Promise<Run> => {
    const run = await running;
    seen.push(run.output);
    return run;
  };
  return {
    ...stack,
    up: (program, options) => watch(stack.up(program, options)),
    preview: (program, options) => watch(stack.preview(program, options)),
    refresh: (options) => watch(stack.refresh(options)),
    destroy: (options) => watch(stack.destroy(options)),
  };
}

function assertHidden(secrets: readonly string[], texts: readonly string[]): void {
  for (const text of texts) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret stands in\n${text}`);
  }
}
