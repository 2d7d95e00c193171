import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const repository = dirname(dirname(__dirname));

/** A temporary folder of a test's own. */
export async function makeTempDir(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "pulumi-atlas-token-test-")));
}

export async function removeTempDir(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * Gives a folder the packages that a user would have installed in it: this one and Pulumi's.
 *
 * A scenario without them removes `node_modules/pulumi-atlas-token`.
 */
export async function linkPackages(folder: string): Promise<void> {
  const installed = join(repository, "node_modules");
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@pulumi"), { recursive: true });
  await symlink(repository, join(modules, "pulumi-atlas-token"), "junction");
  for (const name of await readdir(join(installed, "@pulumi"))) {
    await symlink(join(installed, "@pulumi", name), join(modules, "@pulumi", name), "junction");
  }
}
