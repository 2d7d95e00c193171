import { join } from "node:path";

const examples = join(__dirname, "../../../examples");

/** The path of a file of an example. */
export function examplePath(...parts: readonly string[]): string {
  return join(examples, ...parts);
}

/** Runs an example's program, which is to load it, and returns what it exports. */
export function loadExample(example: string): Record<string, unknown> {
  const file = examplePath(example, "index.ts");
  // Once more for each run, as Pulumi does it.
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- that is what empties the cache
  delete require.cache[file];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would not look at the cache
  return require(file) as Record<string, unknown>;
}
