import { join } from "node:path";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { runCommand } from "./command";
import { repository } from "./repository";

let folder: Promise<string> | undefined;

/** What `npm publish` would send, as a file outside the repository; packed once. */
export async function tarball(): Promise<string> {
  folder ??= makeTempDir();
  return (packed ??= pack(await folder));
}

let packed: Promise<string> | undefined;

async function pack(destination: string): Promise<string> {
  // Without scripts: `prepare` would rebuild what other tests are using.
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const { stdout } = await runCommand("npm", args, { cwd: repository, env: process.env });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(destination, filename);
}

after(async () => {
  if (folder !== undefined) await removeTempDir(await folder);
});
