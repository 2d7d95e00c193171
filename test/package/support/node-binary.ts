import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir, removeTempDir } from "../../support/work-dir";
import { npmInstall } from "./registry";

/**
 * The npm package that carries the binary for this machine: the package named `node` has none, its install script fetches
 * this one.
 */
const carrier = [
  process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node",
  process.platform,
  process.arch,
].join("-");

const folders: string[] = [];

/** Installs a version of Node.js, or the newest of a release line, and finds its binary. */
export async function installNode(version: string): Promise<string> {
  const folder = await makeTempDir();
  folders.push(folder);
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: { [carrier]: version } }),
  );
  await npmInstall(folder, process.env);
  return join(folder, "node_modules", carrier, "bin", "node");
}

after(async () => {
  await Promise.all(folders.map(removeTempDir));
});
