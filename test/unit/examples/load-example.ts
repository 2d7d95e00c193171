import { examplePath } from "./child";

/** Runs an example's program, which is to load it, and returns what it exports. */
export function loadExample(example: string): Record<string, unknown> {
  const file = examplePath(example, "index.ts");
  // Pulumi runs a program in a new process each time.
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- that is what empties the cache
  delete require.cache[file];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would not look at the cache
  return require(file) as Record<string, unknown>;
}
