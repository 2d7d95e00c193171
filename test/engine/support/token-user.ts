import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts a provider into a folder that uses a token as others do, and checks it on each create, read and delete.
 *
 * @returns the path of its executable from that folder
 */
export function addTokenUser(folder: string, name = "token-user"): string {
  const executable = `pulumi-resource-${name}`;
  mkdirSync(join(folder, name));
  const script = `require(${JSON.stringify(join(__dirname, "token-user.cjs"))});`;
  writeFileSync(join(folder, name, executable), `#!/usr/bin/env node\n${script}\n`);
  chmodSync(join(folder, name, executable), 0o755);
  return `./${name}/${executable}`;
}
