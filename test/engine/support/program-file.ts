import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Stack } from "../../support/stack";

/** The program of most scenarios. */
const oneToken =
  'const { ServiceAccountToken } = require("pulumi-atlas-token");\n' +
  'exports.token = new ServiceAccountToken("ci").accessToken;\n';

/** Puts a program where the CLI finds it: it runs none but files. */
export async function writeProgram(stack: Stack, program = oneToken): Promise<void> {
  await writeFile(join(stack.folder, "package.json"), '{ "private": true }');
  await writeFile(join(stack.folder, "index.js"), program);
}
