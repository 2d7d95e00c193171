/* eslint-disable @typescript-eslint/no-require-imports -- the client is loaded when it is first needed */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { announceWaits } from "./announce-waits";
import { parseDuration } from "../duration";
import type { TokenEvent } from "../oauth/events";
import type { Client } from "../operations/context";

const RETRY_TIMEOUT_VARIABLE = "PULUMI_ATLAS_TOKEN_RETRY_TIMEOUT";

/** Loads the client that both forms of the provider give to the operations; waits are announced through `print`. */
export function loadClient(print: (line: string) => void): Client {
  const { makeClientSettings, settingsWithAttemptsOf, settingsWithin } =
    require("../oauth/client-settings") as typeof import("../oauth/client-settings");
  const settings = makeClientSettings();
  const retryTimeoutMs = readRetryTimeout(print);
  const onWait = announceWaits(settings.clock, print);
  return {
    // Each for itself: a destroy issues nothing.
    issue: (options) => {
      const { issue } = require("../oauth/issue") as typeof import("../oauth/issue");
      // The operations keep or revoke what is returned as unrevoked.
      return issue({ retryTimeoutMs, ...options, onWait }, settings, options.signal);
    },
    revoke: (options, { otherSecrets, withinMs } = {}) => {
      const { revoke } = require("../oauth/revoke") as typeof import("../oauth/revoke");
      if (withinMs !== undefined) return revoke(options, settingsWithin(withinMs, settings), otherSecrets);
      const attemptMs = options.retryTimeoutMs ?? Infinity;
      const bounded = settingsWithAttemptsOf(attemptMs, settings);
      return revoke({ retryTimeoutMs, ...options, onWait }, bounded, otherSecrets);
    },
    verify: (options) => {
      const { verify } = require("../oauth/verify") as typeof import("../oauth/verify");
      return verify(options, settings);
    },
    atlasNow: (origin) => settings.atlasClock.now(origin),
  };
}

/** An invalid value falls back to the default, because it must not block a destroy. */
function readRetryTimeout(print: (line: string) => void): number | undefined {
  const text = process.env[RETRY_TIMEOUT_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const timeout = parseDuration(text);
  if (timeout === undefined) {
    print(`${RETRY_TIMEOUT_VARIABLE} is not a valid duration (for example 10m); using the default, 5m`);
  }
  return timeout;
}

/** Returns what records the events of tokens, if the environment names an audit log; a relative path starts at the project's folder. */
export function loadAuditLog(print: (line: string) => void): ((event: TokenEvent) => void) | undefined {
  const file = process.env["PULUMI_ATLAS_TOKEN_AUDIT_LOG"];
  if (file === undefined || file === "") return undefined;
  const { openAuditLog } = require("./audit-file") as typeof import("./audit-file");
  return openAuditLog(resolve(projectFolder(), file), print);
}

/** The working directory is the folder of the program, wherever `main` in Pulumi.yaml says that it is. */
function projectFolder(): string {
  const start = process.cwd();
  for (let folder = start; ; folder = dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
