import type { Properties } from "../../support/values";
import type { Project } from "./project";

/** What a program declares under Pulumi's mocks. */
export interface Declared {
  readonly registered: readonly { readonly type: string; readonly name: string; readonly inputs: Properties }[];
  /** The stack's outputs. */
  readonly outputs: Properties;
}

/** Runs a program under Pulumi's mocks, in a process of its own. */
export async function declare(project: Project, program: string, flags: readonly string[] = []): Promise<Declared> {
  const { stdout } = await project.run([...flags, "under-mocks.cjs", program]);
  return JSON.parse(stdout) as Declared;
}

/** What was registered as a token; the whole of it was, where there is only one. */
export function tokenOf({ registered }: Declared): Declared["registered"][number] {
  const tokens = registered.filter(({ type }) => type === "pulumi-nodejs:dynamic/mongodbatlas:ServiceAccountToken");
  if (tokens.length !== 1) throw new Error(`${tokens.length} tokens were registered`);
  return tokens[0]!;
}
