import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { parseAccessToken } from "../oauth/access-token";
import { readLifetime } from "../oauth/jwt";
import { expiredProblem } from "./adopted";
import { check } from "./check";
import type { Context } from "./context";
import { outputs } from "./create";
import type { Properties } from "./record";
import { UserFacingError } from "./user-facing-error";

export interface ImportResult {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/**
 * Takes over a token that was issued elsewhere as if it had been issued here: it will be renewed and revoked. Pulumi stores and
 * shows the import ID, so that it names where the token is: `env:NAME` or `file:PATH`.
 *
 * @param name the resource's logical name
 */
export function importToken(importId: string, name: string, context: Context): ImportResult {
  const fail = (why: string): UserFacingError =>
    new UserFacingError(
      `ServiceAccountToken "${name}" was not imported`,
      why,
      `ServiceAccountToken "${name}" was not imported: ${why}`,
    );
  const parsed = parseAccessToken(readSource(importId, context, fail));
  if ("problem" in parsed) throw fail(`the token ${parsed.problem}`);
  const problem = expiredProblem(parsed.token, context.now());
  if (problem !== undefined) throw fail(`the token ${problem}`);
  const { inputs, failures } = check({}, { name }, context);
  if (failures.length > 0) throw fail(failures.map(({ property, reason }) => `${property} ${reason}`).join("; "));

  const id = `${name}-${randomBytes(4).toString("hex")}`;
  // The engine compares right after an import: nothing has drifted by then.
  context.runState.justRead.add(id);
  return { id, inputs, outs: outputs(inputs, parsed.token, readLifetime(parsed.token)) };
}

function readSource(importId: string, { sources }: Context, fail: (why: string) => UserFacingError): string {
  const [, kind, place = ""] = /^(env|file):(.+)$/s.exec(importId) ?? [];
  if (kind === "env") {
    const value = sources.env[place];
    if (value === undefined || value === "") throw fail("the environment variable that the import ID names is not set");
    return value;
  }
  if (kind === "file") {
    try {
      return readFileSync(place, "utf8");
    } catch (error) {
      throw fail(
        `the file that the import ID names cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`,
      );
    }
  }
  throw fail(
    "the import ID must name where the token is, env:NAME or file:PATH. " +
      "It must not be the token itself, because Pulumi shows and stores the import ID",
  );
}
