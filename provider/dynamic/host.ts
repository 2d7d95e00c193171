/* eslint-disable @typescript-eslint/no-require-imports -- an operation is loaded when it is first needed */
import type { dynamic } from "@pulumi/pulumi";

import { announceWaits } from "../announce-waits";
import { parseDuration } from "../duration";
import { RunState, type Client, type Context } from "../operations/context";
import type { CheckResult } from "../operations/check";
import type { CreateResult } from "../operations/create";
import type { DiffResult } from "../operations/diff";
import type { Properties } from "../operations/record";
import type { ReadResult } from "../operations/read";

/*
 * What the text in the state looks up when it runs: one module a process, so that all resources share its connections,
 * gates and memory. Each operation is loaded when it is first needed: a preview needs no HTTP.
 */

const RETRY_TIMEOUT_VARIABLE = "PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT";

let config: (key: string) => string | undefined = () => undefined;
let client: Client | undefined;

const context: Context = {
  sources: { config: (key) => config(key), env: process.env },
  now: () => Date.now(),
  print,
  client: () => (client ??= loadClient()),
  runState: new RunState(),
};

/** Takes effect at once: the provider host does not wait for it before the next call. */
export function configure(request: dynamic.ConfigureRequest): void {
  config = (key) => request.config.get(key);
}

export function check(olds: Properties, news: Properties): CheckResult {
  const operation = require("../operations/check") as typeof import("../operations/check");
  return operation.check(olds, news, context);
}

export function diff(id: string, olds: Properties, news: Properties): DiffResult {
  const operation = require("../operations/diff") as typeof import("../operations/diff");
  return operation.diff(id, olds, news, context);
}

export async function create(inputs: Properties): Promise<CreateResult> {
  const operation = require("../operations/create") as typeof import("../operations/create");
  return operation.create(inputs, context);
}

export function read(id: string, properties: Properties): ReadResult {
  const operation = require("../operations/read") as typeof import("../operations/read");
  return operation.read(id, properties, context);
}

export function update(_id: string, olds: Properties, news: Properties): { readonly outs: Properties } {
  const operation = require("../operations/update") as typeof import("../operations/update");
  return operation.update(olds, news);
}

async function remove(id: string, properties: Properties): Promise<void> {
  const operation = require("../operations/delete") as typeof import("../operations/delete");
  return operation.remove(id, properties, context);
}
export { remove as delete };

function loadClient(): Client {
  const { issue } = require("../oauth/issue") as typeof import("../oauth/issue");
  const { revoke } = require("../oauth/revoke") as typeof import("../oauth/revoke");
  const { makeClientSettings } = require("../oauth/client-settings") as typeof import("../oauth/client-settings");
  const { retryTimeouts } = require("../oauth/retry") as typeof import("../oauth/retry");
  const settings = makeClientSettings({ retryTimeouts: retryTimeouts(readRetryTimeout()) });
  const onWait = announceWaits(settings.clock, print);
  return {
    issue: (options) => issue({ ...options, onWait }, settings),
    revoke: (options) => revoke({ ...options, onWait }, settings),
  };
}

/** Pulumi does not hand `customTimeouts` to dynamic providers: hence a variable. A wrong one must not block a destroy. */
function readRetryTimeout(): number | undefined {
  const text = process.env[RETRY_TIMEOUT_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const timeout = parseDuration(text);
  if (timeout === undefined)
    print(`${RETRY_TIMEOUT_VARIABLE} is no duration such as 90s or 10m: the default of 5m is used`);
  return timeout;
}

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
