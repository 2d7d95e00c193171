/* eslint-disable @typescript-eslint/no-require-imports -- an operation is loaded when it is first needed */
import type { dynamic } from "@pulumi/pulumi";

import { announceWaits } from "./announce-waits";
import { parseDuration } from "./duration";
import { Memory, type Client, type Context } from "./operations/context";
import type { Check } from "./operations/check";
import type { Creation } from "./operations/create";
import type { Diff } from "./operations/diff";
import type { Properties } from "./operations/record";
import type { Read } from "./operations/read";

/*
 * What the text in the state looks up when it runs: one module a process, so that all resources share its connections,
 * gates and memory. Each operation is loaded when it is first needed: a preview needs no HTTP.
 */

const PATIENCE = "PULUMI_ATLAS_TOKEN_PATIENCE";

let config: (key: string) => string | undefined = () => undefined;
let client: Client | undefined;

const context: Context = {
  surroundings: { config: (key) => config(key), env: process.env },
  now: () => Date.now(),
  print,
  client: () => (client ??= loadClient()),
  memory: new Memory(),
};

/** Takes effect at once: the provider host does not wait for it before the next call. */
export function configure(request: dynamic.ConfigureRequest): void {
  config = (key) => request.config.get(key);
}

export function check(olds: Properties, news: Properties): Check {
  const operation = require("./operations/check") as typeof import("./operations/check");
  return operation.check(olds, news, context);
}

export function diff(id: string, olds: Properties, news: Properties): Diff {
  const operation = require("./operations/diff") as typeof import("./operations/diff");
  return operation.diff(id, olds, news, context);
}

export async function create(inputs: Properties): Promise<Creation> {
  const operation = require("./operations/create") as typeof import("./operations/create");
  return operation.create(inputs, context);
}

export function read(id: string, properties: Properties): Read {
  const operation = require("./operations/read") as typeof import("./operations/read");
  return operation.read(id, properties, context);
}

export function update(_id: string, olds: Properties, news: Properties): { readonly outs: Properties } {
  const operation = require("./operations/update") as typeof import("./operations/update");
  return operation.update(olds, news);
}

async function remove(id: string, properties: Properties): Promise<void> {
  const operation = require("./operations/delete") as typeof import("./operations/delete");
  return operation.remove(id, properties, context);
}
export { remove as delete };

function loadClient(): Client {
  const { issue } = require("./oauth/issue") as typeof import("./oauth/issue");
  const { revoke } = require("./oauth/revoke") as typeof import("./oauth/revoke");
  const { makeSettings } = require("./oauth/settings") as typeof import("./oauth/settings");
  const { budgetsFor } = require("./oauth/retry") as typeof import("./oauth/retry");
  const settings = makeSettings({ budgets: budgetsFor(readPatience()) });
  const onWait = announceWaits(settings.clock, print);
  return {
    issue: (options) => issue({ ...options, onWait }, settings),
    revoke: (options) => revoke({ ...options, onWait }, settings),
  };
}

/** Pulumi does not hand `customTimeouts` to dynamic providers: hence a variable. A wrong one must not block a destroy. */
function readPatience(): number | undefined {
  const text = process.env[PATIENCE];
  if (text === undefined || text === "") return undefined;
  const patience = parseDuration(text);
  if (patience === undefined) print(`${PATIENCE} is no duration such as 90s or 10m: the default of 5m is used`);
  return patience;
}

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
