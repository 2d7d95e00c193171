import { readFileSync, statSync } from "node:fs";

import { parseAccessToken } from "../oauth/input/credentials";
import { readLifetime } from "../oauth/input/lifetime";
import { checkArguments } from "./check";
import { recordEvent, type Context } from "./context";
import { makeId } from "./create";
import { describeResource } from "./messages";
import { outputs, readRecord, type Properties } from "./record";
import { expiredProblem } from "./renewal";
import { UserFacingError } from "./user-facing-error";

export interface ImportResult {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/**
 * Takes over a token as if it had been issued here: it will be renewed and revoked. The import ID names where the token is,
 * `env:NAME` or `file:PATH`, because Pulumi stores and shows it.
 *
 * @param name the logical name of the resource
 */
export function importToken(importId: string, name: string, context: Context): ImportResult {
  const what = `${describeResource(name)} was not imported`;
  const fail = (why: string): UserFacingError => new UserFacingError(what, "invalid import", `${what}: ${why}`);

  const source = readSource(importId, context);
  if ("problem" in source) throw fail(source.problem);
  const parsed = parseAccessToken(source.value);
  if ("problem" in parsed) throw fail(`the token ${parsed.problem}`);
  const expired = expiredProblem(parsed.value, context.now());
  if (expired !== undefined) throw fail(`the token ${expired}; import a valid token`);
  const { inputs, failures } = checkArguments({}, { name }, context);
  if (failures.length > 0) throw fail(failures.map(({ reason }) => reason).join(" "));

  const id = makeId(name);
  const outs = outputs(inputs, parsed.value, readLifetime(parsed.value));
  recordEvent(context, { event: "imported", resourceId: id }, readRecord(outs));
  // A resource with the option `import` fails if it differs from what was imported, so that a due token must not count.
  context.runState.justRead.add(id);
  return { id, inputs, outs };
}

/** No problem repeats the import ID, which may be a token by mistake. */
function readSource(importId: string, { sources }: Context): { readonly value: string } | { readonly problem: string } {
  const [, kind, place = ""] = /^(env|file):(.+)$/s.exec(importId) ?? [];
  if (kind === "env") {
    const value = sources.env[place]?.trim();
    return value === undefined || value === ""
      ? { problem: "the environment variable that the import ID names is not set or is empty" }
      : { value };
  }
  if (kind === "file") {
    try {
      // Reading a pipe without a writer, or a device, would never end.
      return statSync(place).isFile()
        ? { value: readFileSync(place, "utf8") }
        : { problem: "what the import ID names is not a regular file" };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      return { problem: `the file that the import ID names cannot be read (${code})` };
    }
  }
  return {
    problem:
      "the import ID must say where the token is: env:NAME or file:PATH. " +
      "The token itself cannot be the import ID, because Pulumi stores and shows that ID",
  };
}
