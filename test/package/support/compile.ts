import type { Project } from "./project";

const compiler = require.resolve("typescript/bin/tsc");

/** Checks a program's types as its own `tsconfig.json` says, and writes what Node.js runs. */
export async function compile(project: Project, flags: readonly string[] = []): Promise<void> {
  await project.run([compiler, "--project", ".", "--pretty", "false", ...flags]);
}
