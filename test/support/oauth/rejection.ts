import assert from "node:assert/strict";

import { isAtlasOAuthError, type AtlasOAuthError } from "../../../provider/oauth/failure/error";

/** The typed error by which a promise rejects; whatever else happens fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<AtlasOAuthError> {
  const ending = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok("error" in ending, "it did not reject");
  assert.ok(isAtlasOAuthError(ending.error), `it rejected with something else: ${String(ending.error)}`);
  return ending.error;
}
