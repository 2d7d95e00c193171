import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "..", "..", "dist-plugin");

/** The archive that `npm run plugin:pack` made, with the executable or the shim. */
export function pluginArchive(): string {
  const name = readdirSync(folder).find((file) => file.endsWith(".tar.gz"));
  if (name === undefined) throw new Error(`${folder} has no archive: run \`npm run plugin:pack\``);
  return join(folder, name);
}
