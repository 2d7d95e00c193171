import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder of a test's own. */
export async function makeTempDir(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "pulumi-atlas-token-test-")));
}

export async function removeTempDir(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
