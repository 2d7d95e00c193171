import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { openStack, type DriverName } from "../support/open-stack";
import type { Stack } from "../support/stack";

const installed = join(__dirname, "..", "..", "node_modules");

/** A stack in whose folder the plain provider finds its packages, as in that of a user who wrote it. */
export async function openBenchStack(driver: DriverName): Promise<Stack> {
  const stack = await openStack(driver);
  for (const name of ["undici", "zod"]) {
    await symlink(join(installed, name), join(stack.folder, "node_modules", name), "junction");
  }
  return stack;
}
