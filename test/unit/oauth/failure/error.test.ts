import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { inspect } from "node:util";

import type * as ours from "../../../../provider/oauth/failure/error";
import { AtlasOAuthError, errorOf, isAtlasOAuthError } from "../../../../provider/oauth/failure/error";
import type { Failure } from "../../../../provider/oauth/failure/failure";
import * as publicClient from "../../../../provider/oauth/index";

const call = {
  endpoint: "revoke",
  origin: "https://atlas.example:8443",
  clientId: "fake-client-id",
  attempts: 3,
  elapsedMs: 61_234,
} as const;
const rejected: Failure = { code: "invalid_client", status: 401, retryable: false, description: "No." };

/** Another copy of the module, as if two versions of the package met in one process. */
function loadCopy(): typeof ours {
  const load = createRequire(__filename);
  const file = load.resolve("../../../../provider/oauth/failure/error.ts");
  const cached = load.cache[file];
  Reflect.deleteProperty(load.cache, file);
  try {
    return load(file) as typeof ours;
  } finally {
    load.cache[file] = cached;
  }
}

describe("AtlasOAuthError", () => {
  it("carries the failure and the call, and nothing that is not known", () => {
    const error = errorOf(rejected, call);
    assert.deepEqual({ ...error }, { ...rejected, ...call, mayHaveIssued: false });
  });

  it("says the description rather than the transport's code, and nothing without either", () => {
    const unreachable = { code: "unreachable", retryable: true } as const;
    const described = errorOf({ ...unreachable, description: "D", cause: { name: "Error", code: "E1" } }, call);
    assert.match(described.message, /: D \[/);
    assert.match(errorOf({ ...unreachable, cause: { name: "Error" } }, call).message, /could not be reached \[/);
  });

  it("leaves out a client ID that was refused", () => {
    assert.doesNotMatch(errorOf(rejected, { ...call, clientId: "" }).message, /client ID ;|client ID [\w-]*;/);
  });

  it("is recognized by its name, its class and the guard, also across copies of the package", () => {
    const copy = loadCopy();
    assert.notEqual(copy.AtlasOAuthError, AtlasOAuthError);
    for (const error of [errorOf(rejected, call), copy.errorOf(rejected, call)] as unknown[]) {
      assert.ok(error instanceof Error && error.name === "AtlasOAuthError");
      assert.ok(error instanceof AtlasOAuthError && isAtlasOAuthError(error));
      assert.ok(error instanceof copy.AtlasOAuthError && copy.isAtlasOAuthError(error));
      assert.ok(error instanceof publicClient.AtlasOAuthError && publicClient.isAtlasOAuthError(error));
    }
  });

  it("is not recognized in anything else", () => {
    const named = Object.assign(new Error(), { name: "AtlasOAuthError", code: "aborted" });
    const copied = { ...errorOf(rejected, call), name: "AtlasOAuthError" };
    for (const value of [new Error("AtlasOAuthError"), named, copied, undefined, null, "AtlasOAuthError", 401]) {
      assert.ok(!isAtlasOAuthError(value) && !((value as unknown) instanceof AtlasOAuthError), String(value));
    }
  });

  it("names itself in its stack and in what is printed, and keeps its fields in JSON", () => {
    const error = errorOf(rejected, call);
    for (const text of [String(error), inspect(error), error.stack ?? ""]) {
      assert.match(text, /^AtlasOAuthError: the token was not revoked/);
    }
    assert.deepEqual(JSON.parse(JSON.stringify(error)), { ...error });
  });
});
