import type { dynamic } from "@pulumi/pulumi";

import type { ConfigKey } from "../config";
import { loadAuditLog, loadClient } from "../runtime/load-client";
import { requireNode } from "../runtime/require-node";
import * as operations from "../operations";
import type { CheckResult } from "../operations/check";
import { RunState, type Client, type Context } from "../operations/context";
import type { CreateResult } from "../operations/create";
import type { DiffResult } from "../operations/diff";
import type { ReadResult } from "../operations/read";
import type { Properties } from "../operations/record";

/*
 * What the text in the state looks up when it runs: one module a process, so that all resources share its connections,
 * request queues and run state.
 */

let config: (key: ConfigKey) => string | undefined = () => undefined;
let client: Client | undefined;

const context: Context = {
  sources: { namespace: "mongodbatlas", config: (key) => config(key), env: process.env },
  now: () => Date.now(),
  print,
  client: () => (client ??= loadClient(print)),
  runState: new RunState(),
  onEvent: loadAuditLog(print),
};

/**
 * Aborted when writing to the engine has failed: it was killed, and nobody will record a token that is issued from now on.
 * Without a listener the host would report that failure by writing again, and no operation would finish.
 */
const engineGone = new AbortController();
process.stderr.on("error", () => engineGone.abort());

/** Takes effect at once: the provider host does not wait for it before the next call. */
export function configure(request: dynamic.ConfigureRequest): void {
  config = (key) => request.config.get(`mongodbatlas:${key}`);
}

// An old Node.js is refused by what runs first in an update, a refresh and a destroy. Thrown by the module itself, the line would
// be taken for a package that is not installed.
export function check(olds: Properties, news: Properties): CheckResult {
  requireNode();
  return operations.check(olds, news, context);
}

export function diff(id: string, olds: Properties, news: Properties): Pick<DiffResult, "changes" | "replaces"> {
  const { changes, replaces } = operations.diff(id, olds, news, context);
  return { changes, replaces };
}

export async function create(inputs: Properties): Promise<CreateResult> {
  return operations.create(inputs, { ...context, waitSignal: engineGone.signal });
}

export async function read(id: string, properties: Properties): Promise<ReadResult> {
  requireNode();
  return operations.read(id, properties, context);
}

export function update(_id: string, olds: Properties, news: Properties): { readonly outs: Properties } {
  return operations.update(olds, news);
}

async function remove(id: string, properties: Properties): Promise<void> {
  requireNode();
  return operations.remove(id, properties, context);
}
export { remove as delete };

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}
